-- A scope names a territory of the reference geography: a typing error would publish an empty release.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'dim_territoire'}}}) }}
select p.perimetre
from (select unnest(string_split(c.perimetre, ',')) as perimetre from {{ source('nuit', 'contexte') }} as c) as p
where
    p.perimetre <> 'france'
    and p.perimetre not in (select t.territoire_id from {{ ref('dim_territoire') }} as t)
