-- The conventions of the coordinators, one line each.
select
    convention_id,
    libelle,
    date_debut,
    date_fin
from {{ source('normalised', 'ctg_plan_actions__conventions') }}
