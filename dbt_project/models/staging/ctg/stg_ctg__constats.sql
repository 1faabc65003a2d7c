-- What the evaluation of a convention observed.
select
    convention_id,
    numero,
    theme_id,
    nature,
    texte
from {{ dernier_etat('constats') }}
