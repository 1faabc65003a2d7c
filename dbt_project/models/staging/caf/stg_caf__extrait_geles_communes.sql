-- What was kept of the extracts whose foyers were purged, or counted before the build: lines of int_extrait_comptes.
select
    millesime,
    fichier_sha256,
    cog_millesime,
    code,
    mesure_id,
    valeur,
    n,
    max1,
    max2,
    marque
from {{ source('micro', 'agregats') }}
where niveau = 'commune'
