-- Legal populations, one line per commune or arrondissement municipal and census year.
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    population_municipale
from {{ source('normalised', 'insee_populations_legales__communes') }}
