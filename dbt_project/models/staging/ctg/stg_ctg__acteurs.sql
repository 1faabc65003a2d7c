-- Actors of the conventions.
select
    acteur_id,
    nom
from {{ dernier_etat('acteurs') }}
