-- Additive mesures: what all files read of a series is what France counts.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_sommes'}}}) }}
with lues as (
    select
        source_id,
        mesure_id,
        millesime,
        sum(valeur) as total
    from {{ ref('int_parts') }}
    where etat = 'lu'
    group by all
)

-- Keys alone: a line that fails may hold a figure that no reader may see.
select
    l.source_id,
    l.mesure_id,
    l.millesime
from lues as l
left join {{ ref('int_sommes') }} as s
    on l.source_id = s.source_id and l.mesure_id = s.mesure_id and l.millesime = s.millesime and s.niveau = 'france'
where s.valeur is distinct from l.total
