-- Errors that are declared and that readers are no longer told: the file in use does not hold them, its producer has
-- mended them. Remove their entry from ingestion/erreurs_connues.yml.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'erreurs_connues'}}}) }}
select distinct
    d.erreur_id,
    d.source_id,
    d.ressource,
    d.millesime
from {{ source('nuit', 'erreurs_connues') }} as d
anti join {{ ref('erreurs_connues') }} as e on d.erreur_id = e.erreur_id
where not d.presente
