-- The scope names a territory of the reference geography: a typing error would publish an empty release.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'dim_territoire'}}}) }}
select c.perimetre
from {{ source('nuit', 'contexte') }} as c
where
    c.perimetre <> 'france'
    and c.perimetre not in (select t.territoire_id from {{ ref('dim_territoire') }} as t)
