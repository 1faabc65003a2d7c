-- Instances of the conventions.
select
    instance_id,
    convention_id,
    type,
    theme_id,
    frequence_annuelle,
    composition,
    role
from {{ dernier_etat('instances') }}
