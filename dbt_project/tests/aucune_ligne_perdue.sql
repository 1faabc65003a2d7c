-- Every commune line that was read reaches the reference geography: a code without passage would vanish.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_parts'}}}) }}
select
    p.source_id,
    p.mesure_id,
    p.millesime,
    p.cog_millesime,
    p.code
from {{ ref('int_parts') }} as p
left join {{ ref('int_passage') }} as x on p.cog_millesime = x.cog_millesime and p.code = x.code_origine
where x.code_origine is null
