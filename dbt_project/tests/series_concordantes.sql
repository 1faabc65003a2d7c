-- Two ressources of a source hold the same figures and differ on more of them than a producer revises: the preferred
-- one is in use, this tells where and by how much.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_mesures_declarees'}}}) }}
with communs as (
    select
        source_id,
        niveau,
        code,
        millesime,
        mesure_id,
        arg_min(valeur, rang) as valeur_en_usage,
        arg_max(valeur, rang) as valeur_ecartee,
        count(distinct valeur) > 1 as discordant
    from {{ ref('stg_mesures_declarees') }}
    group by all
    having count(distinct rang) > 1
)

select c.*
from communs as c
inner join {{ ref('parametres') }} as p on p.parametre = 'revision_de_serie'
qualify
    c.discordant
    and 100.0 * count(*) filter (where c.discordant) over (partition by c.source_id)
    > p.valeur * count(*) over (partition by c.source_id)
