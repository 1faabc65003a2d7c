-- Orientations of the axes.
select
    axe_id,
    numero,
    libelle,
    hors_competence_caf = 'oui' as hors_competence_caf,
    clauses
from {{ dernier_etat('orientations') }}
