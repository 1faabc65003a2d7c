-- The parts of a coverage rate add up to it within rounding; the producer has known exceptions, so this warns.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_mesures_publiees'}}}) }}
select
    niveau,
    code,
    millesime,
    sum(valeur) filter (where mesure_id = 'taux_couverture_petite_enfance') as taux_couverture_petite_enfance,
    sum(valeur) filter (where mesure_id <> 'taux_couverture_petite_enfance') as somme_des_modes
from {{ ref('int_mesures_publiees') }}
where
    mesure_id in (
        'taux_couverture_petite_enfance', 'taux_couverture_eaje', 'taux_couverture_assistants_maternels',
        'taux_couverture_prescolarisation', 'taux_couverture_domicile'
    )
group by all
having count(*) = 5 and abs(taux_couverture_petite_enfance - somme_des_modes) > 0.25
