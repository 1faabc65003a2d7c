-- Targets that an axe or an action sets itself.
select
    objet,
    objet_id,
    indicateur_id,
    valeur_depart,
    periode_depart,
    cible,
    echeance
from {{ dernier_etat('indicateurs_cibles') }}
