-- The parts of a coverage rate add up to it within rounding; the producer has known exceptions, so this warns.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_cnaf__taux_couverture'}}}) }}
select
    niveau,
    code,
    millesime,
    taux_couverture_petite_enfance,
    taux_couverture_eaje + taux_couverture_assistants_maternels
    + taux_couverture_prescolarisation + taux_couverture_domicile as somme_des_modes
from {{ ref('stg_cnaf__taux_couverture') }}
where
    abs(
        taux_couverture_petite_enfance - taux_couverture_eaje - taux_couverture_assistants_maternels
        - taux_couverture_prescolarisation - taux_couverture_domicile
    ) > 0.25
