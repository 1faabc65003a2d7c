-- Errors that are declared and that the file in use no longer holds: the producer has mended them. Remove their entry
-- from ingestion/erreurs_connues.yml.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'erreurs_connues'}}}) }}
select distinct
    erreur_id,
    source_id,
    ressource,
    millesime
from {{ source('nuit', 'erreurs_connues') }}
where not presente
