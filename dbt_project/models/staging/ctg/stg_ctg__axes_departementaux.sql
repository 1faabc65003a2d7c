-- Axes of the plan départemental.
select
    departement,
    annee,
    numero
from {{ dernier_etat('axes_departementaux') }}
