-- The communes of each CTG in the reference geography. A perimeter is dated: the one kept is the last, in force on
-- the latest day any commune is in it. A merged commune follows the commune that received the others, whether or
-- not they were all in the perimeter (`entiere` is false where they were not).
with datees as (
    select
        p.convention_id,
        p.cog_millesime,
        p.code,
        c.libelle,
        coalesce(p.date_fin, c.date_fin, date '9999-12-31') as jusqu_au
    from {{ ref('stg_ctg__perimetres') }} as p
    inner join {{ ref('stg_ctg__conventions') }} as c on p.convention_id = c.convention_id
),

dernieres as (
    select *
    from datees
    qualify jusqu_au = max(jusqu_au) over (partition by convention_id)
),

touchees as (
    select distinct
        d.convention_id,
        d.libelle,
        d.cog_millesime,
        p.code_reference
    from dernieres as d
    inner join {{ ref('int_passage') }} as p on d.cog_millesime = p.cog_millesime and d.code = p.code_origine
),

origines as (
    -- Every origin of each commune the perimeter touches, in the perimeter or not.
    select
        t.convention_id,
        t.libelle,
        t.code_reference as code,
        bool_and(d.code is not null) as entiere,
        bool_or(o.code_origine = o.code_reference) as receveuse_connue,
        bool_or(o.code_origine = o.code_reference and d.code is not null) as receveuse_presente
    from touchees as t
    inner join {{ ref('int_passage') }} as o
        on t.cog_millesime = o.cog_millesime and t.code_reference = o.code_reference
    left join dernieres as d
        on t.convention_id = d.convention_id and t.cog_millesime = d.cog_millesime and o.code_origine = d.code
    group by all
),

membres as (
    select
        convention_id,
        libelle,
        code,
        entiere
    from origines
    where receveuse_presente or (entiere and not receveuse_connue)
),

effectifs as (
    select
        epci,
        count(*) as communes
    from {{ ref('int_communes_reference') }}
    where epci is not null
    group by all
)

select
    m.convention_id,
    m.libelle,
    m.code,
    r.departement,
    r.region,
    r.epci,
    m.entiere,
    -- The EPCI the CTG is, commune for commune: what is published for one holds for the other.
    case
        when
            min(r.epci) over ctg = max(r.epci) over ctg
            and count(r.epci) over ctg = count(*) over ctg
            and count(*) over ctg = e.communes
            then r.epci
    end as epci_identique
from membres as m
inner join {{ ref('int_communes_reference') }} as r on m.code = r.code
left join effectifs as e on r.epci = e.epci
window ctg as (partition by m.convention_id)
