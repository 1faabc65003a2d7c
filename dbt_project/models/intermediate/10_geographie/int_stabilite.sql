-- Since when the perimeter of each territory is known, and the vintages in which it changed. A commune is compared with
-- the reference code by code; int_perimetres does so for wider territories.
with cog as (
    select distinct cog_millesime as millesime from {{ ref('int_cog_annuel') }}
),

ecarts as (
    select
        code_reference as code,
        cog_millesime as millesime,
        string_agg(distinct code_origine || ' ' || nature, ',' order by code_origine || ' ' || nature) as ecart
    from {{ ref('int_passage') }}
    -- Another code for the same commune is the same perimeter.
    where nature not in ('identique', 'changement_code')
    group by all
),

etats as (
    select
        'commune' as niveau,
        c.code,
        v.millesime,
        e.ecart
    from (select distinct code from ecarts) as c
    cross join cog as v
    left join ecarts as e on c.code = e.code and v.millesime = e.millesime
    union all
    select
        niveau,
        code,
        millesime,
        ecart
    from {{ ref('int_perimetres') }}
),

ruptures as (
    select
        niveau,
        code,
        list(millesime order by millesime) as ruptures
    from (
        select
            niveau,
            code,
            millesime
        from etats
        window suite as (partition by niveau, code order by millesime)
        qualify
            ecart is distinct from lag(ecart) over suite
            and lag(millesime) over suite is not null
    ) as changements
    group by all
),

territoires as (
    select
        'commune' as niveau,
        r.code,
        min(v.millesime) as connu_depuis
    from {{ ref('int_communes_reference') }} as r
    cross join cog as v
    group by all
    union all
    select
        niveau,
        code,
        min(millesime) as connu_depuis
    from {{ ref('int_perimetres') }}
    group by all
)

select
    t.niveau,
    t.code,
    t.connu_depuis,
    coalesce(r.ruptures, []) as ruptures
from territoires as t
left join ruptures as r on t.niveau = r.niveau and t.code = r.code
