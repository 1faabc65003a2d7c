-- The conventions of the coordinators, one line each. The newest file replaces the older ones.
select
    convention_id,
    libelle,
    date_debut,
    date_fin
from {{ source('normalised', 'ctg_plan_actions__conventions') }}
qualify millesime_fichier = max(millesime_fichier) over ()
