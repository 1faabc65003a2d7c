-- Two ressources of a source hold the same figure and differ: the preferred one is in use, this tells where and by
-- how much.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_mesures_declarees'}}}) }}
select
    source_id,
    niveau,
    code,
    millesime,
    mesure_id,
    arg_min(valeur, rang) as valeur_en_usage,
    arg_max(valeur, rang) as valeur_ecartee
from {{ ref('stg_mesures_declarees') }}
group by all
having count(distinct rang) > 1 and count(distinct valeur) > 1
