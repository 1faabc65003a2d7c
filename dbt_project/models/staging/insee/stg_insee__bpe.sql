-- Equipments by commune and type. The file repeats each type in its sub-domain, its domain and the whole
-- (type _T): only the types are facts.
select
    fichier_sha256,
    millesime_fichier,
    annee as millesime,
    cog_millesime,
    code,
    type_equipement,
    equipements
from {{ source('normalised', 'insee_bpe__communes') }}
where type_equipement <> '_T'
qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
