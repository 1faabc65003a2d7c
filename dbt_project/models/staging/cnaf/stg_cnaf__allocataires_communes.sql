-- Foyers allocataires of December. A file carries several years: the newest file holding a year wins.
select
    fichier_sha256,
    millesime_fichier,
    annee as millesime,
    cog_millesime,
    code,
    foyers_allocataires,
    personnes_couvertes,
    foyers_paje,
    foyers_af,
    foyers_aide_logement,
    foyers_rsa,
    foyers_prime_activite
from {{ source('normalised', 'cnaf_allocataires_communes__communes') }}
qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
