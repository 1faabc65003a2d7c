-- Axes of the plan départemental.
select
    departement,
    annee,
    numero,
    libelle
from {{ dernier_etat('axes_departementaux') }}
