-- A ratio between universes nobody declared compatible must not build: it would divide foyers by ménages.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_termes'}}}) }}
select
    n.indicateur_id,
    n.mesure_id as mesure_numerateur,
    n.univers as univers_numerateur,
    d.mesure_id as mesure_denominateur,
    d.univers as univers_denominateur
from {{ ref('int_termes') }} as n
inner join {{ ref('int_termes') }} as d on n.indicateur_id = d.indicateur_id
left join {{ ref('univers_compatibles') }} as c
    on n.univers = c.univers_numerateur and d.univers = c.univers_denominateur
where
    n.cote = 'numerateur'
    and d.cote = 'denominateur'
    and n.univers <> d.univers
    and c.raison is null
