-- What was kept of the extracts whose foyers were purged: the lines of int_extrait_medianes as they were.
select
    millesime,
    fichier_sha256,
    cog_millesime,
    niveau,
    code,
    mesure_id,
    valeur
from {{ source('micro', 'agregats') }}
where niveau <> 'commune'
