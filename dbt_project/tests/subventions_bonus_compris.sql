-- The bonus territoire of a structure is part of what the Caf pays it: a line where it is more is to be corrected in
-- the file of equipements. Keys alone, no amount.
-- depends_on: {{ ref('stg_caf__equipements') }}
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'stg_caf__equipements'}}}) }}
select
    fichier_sha256,
    ligne,
    annee,
    code
from {{ source('normalised', 'caf_equipements__structures') }}
where montant_bonus_territoire > montant_caf
