-- The conventions of the coordinators, one line each.
select
    convention_id,
    version,
    statut,
    libelle,
    annee_signature,
    date_signature,
    date_debut,
    date_fin,
    duree_annees,
    anciennete_annees,
    periodes_evaluees,
    millesime_fichier as millesime
from {{ dernier_etat('conventions') }}
