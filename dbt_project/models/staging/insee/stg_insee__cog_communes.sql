-- Communes of each COG received; déléguées and associées share their codes and are left out.
select
    fichier_sha256,
    millesime_fichier,
    cog_millesime,
    code,
    libelle,
    departement,
    region
from {{ source('normalised', 'insee_cog_communes__communes') }}
where typecom = 'COM'
