-- Benefits of the year are the sum of their four families, commune by commune. Keys alone: a line that fails may hold a
-- figure that no reader may see.
{{ config(severity='error', tags=['portable'], meta={'dagster': {'ref': {'name': 'int_extrait_comptes'}}}) }}
select
    millesime,
    code
from {{ ref('int_extrait_comptes') }}
where
    mesure_id in (
        'montant_prestations_total', 'montant_aides_logement', 'montant_prestations_precarite',
        'montant_prestations_familiales', 'montant_prestations_handicap'
    )
group by all
having
    count(valeur) = 5
    and 2 * sum(valeur) filter (where mesure_id = 'montant_prestations_total') <> sum(valeur)
