-- Counts of persons by commune, as they were rounded before the build: by the rule of their mesure
-- (docs/secret.md), in the geography of their file. Of two files that hold a year, the newest wins.
select
    source_id,
    fichier_sha256,
    millesime_fichier,
    millesime,
    cog_millesime,
    departement,
    rang,
    code,
    mesure_id,
    valeur,
    if(regle = 'chaine', amplitude, null) as amplitude,
    marque,
    retenue
from {{ source('micro', 'arrondis') }}
where niveau = 'commune'
qualify millesime_fichier = max(millesime_fichier) over (partition by source_id, mesure_id, millesime)
