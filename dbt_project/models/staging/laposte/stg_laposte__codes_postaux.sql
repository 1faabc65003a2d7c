-- The postal codes of communes, whatever the former communes and places of each that have them.
select distinct
    millesime_fichier as millesime,
    cog_millesime,
    code,
    code_postal
from {{ source('normalised', 'laposte_codes_postaux__communes') }}
