-- A figure that does not add up is only ever `publie`: a sum or a ratio of it would be rebuilt.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_termes'}}}) }}
select
    t.indicateur_id,
    t.mesure_id,
    i.methode
from {{ ref('int_termes') }} as t
inner join {{ ref('indicateurs') }} as i on t.indicateur_id = i.indicateur_id
where not t.additive and i.methode <> 'publie'
