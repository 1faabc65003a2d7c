-- What the documents of a convention tell of its making: why, its calendar, what was decided, what comes next.
select
    convention_id,
    numero,
    nature,
    texte,
    date as jour,
    periode,
    etat,
    acteur_id
from {{ dernier_etat('demarche') }}
