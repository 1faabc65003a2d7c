-- Actions, one line per action and axe it serves.
select
    action_id,
    unnest(list_distinct(string_split(axes, ' ; '))) as axe_id,
    intitule,
    pilote,
    fin,
    statut,
    structures_accompagnees,
    millesime_fichier as millesime
from (
    select * from {{ dernier_etat('actions') }}
)
