-- Pupils of écoles that nothing places in a commune, where they are more than one in a hundred of a rentrée: they are
-- missing from every territory.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_eleves'}}}) }}
with declares as (
    select
        millesime,
        sum(eleves) as eleves
    from {{ ref('stg_men__effectifs') }}
    group by millesime
),

places as (
    select
        millesime,
        sum(valeur) as eleves
    from {{ ref('int_eleves') }}
    where mesure_id = 'eleves_premier_degre'
    group by millesime
)

select
    d.millesime,
    d.eleves,
    p.eleves as eleves_places
from declares as d
left join places as p on d.millesime = p.millesime
where coalesce(p.eleves, 0) < 0.99 * d.eleves
