-- The communes of every COG vintage a file or a CTG perimeter declares. A vintage that was not received is
-- rebuilt from the next one received by undoing the movements between the two: a code belongs to it if nothing
-- happened to it, or if the first thing that happened to it was to leave.
with millesimes as (
    -- A file whose lines have each the COG of their year has several.
    select distinct unnest(cogs) as cog_millesime
    from {{ source('nuit', 'fichiers') }}
    union distinct
    select distinct cog_millesime from {{ ref('stg_insee__cog_communes') }}
    union distinct
    select distinct cog_millesime from {{ ref('stg_ctg__perimetres') }}
),

suivants as (
    select
        m.cog_millesime,
        min(c.cog_millesime) as cog_suivant
    from millesimes as m
    inner join {{ ref('stg_insee__cog_communes') }} as c on m.cog_millesime <= c.cog_millesime
    group by all
),

instants as (
    select
        instant,
        date_effet,
        unnest([code_avant, code_apres]) as code
    from {{ ref('stg_insee__cog_mouvements') }}
),

evenements as (
    select
        s.cog_millesime,
        e.code,
        min(e.instant) as premier_instant
    from suivants as s
    inner join instants as e
        on
            e.date_effet > make_date(s.cog_millesime, 1, 1)
            and e.date_effet <= make_date(s.cog_suivant, 1, 1)
    where e.code is not null
    group by all
),

codes as (
    select
        s.cog_millesime,
        c.code
    from suivants as s
    inner join {{ ref('stg_insee__cog_communes') }} as c on s.cog_suivant = c.cog_millesime
    left join evenements as e on s.cog_millesime = e.cog_millesime and c.code = e.code
    where e.code is null
    union distinct
    select
        e.cog_millesime,
        e.code
    from evenements as e
    inner join {{ ref('stg_insee__cog_mouvements') }} as v on e.code = v.code_avant and e.premier_instant = v.instant
)

select
    cog_millesime,
    code,
    {{ departement_du_code('code') }} as departement
from codes
