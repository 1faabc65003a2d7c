-- Counts of persons by commune, as they were rounded before the build: by the rule of their mesure
-- (docs/secret.md), in the geography of their file.
select
    source_id,
    fichier_sha256,
    millesime_fichier,
    millesime,
    cog_millesime,
    departement,
    epci,
    rang,
    coalesce(ordre_public, false) as ordre_public,
    population,
    population_millesime,
    code,
    mesure_id,
    valeur,
    if(regle = 'chaine', amplitude, null) as amplitude,
    marque,
    retenue
from {{ source('micro', 'arrondis') }}
where niveau = 'commune'
