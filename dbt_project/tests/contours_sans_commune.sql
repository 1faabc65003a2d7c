-- Outlines that make no commune of the reference COG: their code is of no COG, or was split since. They are on no map.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_ign__contours_communes'}}}) }}
select
    s.ressource,
    s.edition,
    s.code
from {{ ref('stg_ign__contours_communes') }} as s
left join {{ ref('int_passage') }} as p
    on s.cog_millesime = p.cog_millesime and s.code = p.code_origine and p.nb_heritiers = 1
where p.code_origine is null
