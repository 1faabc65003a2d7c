-- Pupils and classes of each école and rentrée. A file carries several years: the newest file holding a year wins.
select
    fichier_sha256,
    millesime_fichier,
    annee as millesime,
    numero_ecole,
    departement,
    commune,
    eleves,
    eleves_maternelle,
    classes
from {{ source('normalised', 'men_ecoles__effectifs') }}
qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
