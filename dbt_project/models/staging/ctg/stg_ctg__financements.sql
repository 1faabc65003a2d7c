-- Lines of financing.
select
    ligne_id,
    convention_id,
    annee,
    montant_engage,
    montant_paye
from {{ dernier_etat('financements') }}
