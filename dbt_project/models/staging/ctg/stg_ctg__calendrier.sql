-- Operations of the schéma petite enfance.
select
    operation_id,
    convention_id,
    action_id,
    annee_debut,
    annee_fin,
    code,
    cog_millesime,
    structure,
    nature,
    financement,
    initiative,
    places,
    statut,
    cout_previsionnel,
    millesime_fichier as millesime,
    fichier_sha256
from {{ dernier_etat('calendrier') }}
