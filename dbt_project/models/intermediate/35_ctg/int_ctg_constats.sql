-- What the evaluation of each convention observed, in its order.
select
    convention_id,
    numero as ordre,
    theme_id,
    rubrique,
    nature,
    texte,
    indicateur_id,
    annee_debut,
    valeur_debut,
    annee_fin,
    valeur_fin,
    ecart,
    clauses
from {{ ref('stg_ctg__constats') }}
