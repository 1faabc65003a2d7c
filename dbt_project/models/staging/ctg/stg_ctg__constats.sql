-- What the evaluation of a convention observed.
select
    convention_id,
    numero,
    theme_id,
    nature,
    texte,
    rubrique,
    indicateur_id,
    annee_debut,
    valeur_debut,
    annee_fin,
    valeur_fin,
    ecart,
    clauses
from {{ dernier_etat('constats') }}
