-- A commune of a CTG that merged into a commune outside its perimeter has left the CTG: the coordinator should
-- date the perimeter again.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ctg_communes'}}}) }}
select
    p.convention_id,
    p.code,
    x.code_reference
from {{ ref('stg_ctg__perimetres') }} as p
inner join {{ ref('int_passage') }} as x on p.cog_millesime = x.cog_millesime and p.code = x.code_origine
left join {{ ref('int_ctg_communes') }} as c on p.convention_id = c.convention_id and x.code_reference = c.code
where c.code is null and p.date_fin is null
