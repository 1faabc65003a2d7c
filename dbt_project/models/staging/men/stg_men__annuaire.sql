-- The commune of each école that is open, of the newest annuaire.
select
    numero_ecole,
    code,
    cog_millesime
from {{ source('normalised', 'men_ecoles__annuaire') }}
qualify millesime_fichier = max(millesime_fichier) over ()
