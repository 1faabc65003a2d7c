-- The historical and the current series hold the same year and differ: the current one is in use, this tells
-- where and by how much.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_cnaf__taux_couverture_series'}}}) }}
select
    niveau,
    code,
    millesime,
    max(taux_couverture_petite_enfance) filter (where serie = 'courant') as courant,
    max(taux_couverture_petite_enfance) filter (where serie = 'historique') as historique
from {{ ref('stg_cnaf__taux_couverture_series') }}
group by all
having count(distinct taux_couverture_petite_enfance) > 1
