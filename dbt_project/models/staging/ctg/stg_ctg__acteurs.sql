-- Actors of the conventions.
select
    acteur_id,
    nom,
    string_split(alias, ' ; ') as alias,
    type
from {{ dernier_etat('acteurs') }}
