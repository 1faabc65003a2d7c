-- Lines of financing.
select
    ligne_id,
    convention_id,
    action_id,
    structure,
    annee,
    financeur,
    dispositif,
    montant_engage,
    montant_paye
from {{ dernier_etat('financements') }}
