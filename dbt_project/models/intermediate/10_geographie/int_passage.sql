-- From a commune of any vintage to the communes of the reference COG, following Insee's movements as facts: mergers
-- have one heir, a split has several. A commune is a code in a COG vintage: what bore the code before or after is
-- another one, so a code that left, came back, or went to another territory is chained like any other.
with recursive evenements as (
    -- One line per code and instant at which something happened to it, with the instant before.
    select
        code_avant,
        instant,
        lag(instant) over (partition by code_avant order by instant) as instant_precedent
    from (
        select distinct
            code_avant,
            instant
        from {{ ref('stg_insee__cog_mouvements') }}
        where
            code_avant is not null
            and date_effet > make_date((select min(c.cog_millesime) from {{ ref('int_cog_annuel') }} as c), 1, 1)
            -- Movements after the reference COG wait for theirs.
            and date_effet <= make_date(
                (select max(r.cog_millesime) from {{ ref('stg_insee__cog_communes') }} as r), 1, 1
            )
    )
),

marche as (
    select
        cog_millesime,
        code as code_origine,
        code,
        -- A vintage holds what happened on its first of January.
        make_timestamp(cog_millesime, 1, 1, 23, 0, 0) as depuis
    from {{ ref('int_cog_annuel') }}
    -- Nine communes in ten never moved: following the others is enough.
    where code in (select e.code_avant from evenements as e)
    union
    select
        p.cog_millesime,
        p.code_origine,
        m.code_apres as code,
        e.instant as depuis
    from marche as p
    inner join evenements as e
        on
            p.code = e.code_avant
            -- The next thing that happened to the code since this commune bears it.
            and p.depuis < e.instant
            and coalesce(e.instant_precedent, timestamp '0001-01-01') <= p.depuis
    inner join {{ ref('stg_insee__cog_mouvements') }} as m
        on e.code_avant = m.code_avant and e.instant = m.instant
),

arrivees as (
    select distinct
        p.cog_millesime,
        p.code_origine,
        p.code as code_reference
    from marche as p
    left join evenements as e on p.code = e.code_avant and p.depuis < e.instant
    -- A territory that left France has no heir.
    where e.code_avant is null and p.code is not null
    union all
    select
        cog_millesime,
        code as code_origine,
        code as code_reference
    from {{ ref('int_cog_annuel') }}
    where code not in (select e.code_avant from evenements as e)
),

heritiers as (
    select
        *,
        count(*) over (partition by cog_millesime, code_origine) as nb_heritiers,
        count(*) over (partition by cog_millesime, code_reference) as nb_origines
    from arrivees
)

select
    cog_millesime,
    code_origine,
    code_reference,
    nb_heritiers,
    case
        when nb_heritiers > 1 then 'scission'
        when nb_origines > 1 then 'fusion'
        when code_origine <> code_reference then 'changement_code'
        else 'identique'
    end as nature
from heritiers
