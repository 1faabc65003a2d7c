-- Axes of the conventions.
select
    axe_id,
    convention_id,
    theme_id,
    numero,
    libelle
from {{ dernier_etat('axes') }}
