-- Scales at which a policy is run.
select
    convention_id,
    theme_id,
    echelle,
    acteur_id
from {{ dernier_etat('politiques') }}
