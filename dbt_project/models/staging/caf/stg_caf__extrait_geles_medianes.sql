-- What was kept of the extracts whose foyers were purged, or counted before the build: lines of int_extrait_medianes.
select
    millesime,
    fichier_sha256,
    cog_millesime,
    niveau,
    code,
    mesure_id,
    valeur,
    gele
from {{ source('micro', 'agregats') }}
where niveau <> 'commune'
