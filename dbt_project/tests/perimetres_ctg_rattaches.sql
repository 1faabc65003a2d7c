-- Every commune of a CTG perimeter exists in the COG named beside it: a code that does not would leave the CTG
-- in silence, and its sums short.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'stg_ctg__perimetres'}}}) }}
select
    p.convention_id,
    p.code,
    p.cog_millesime
from {{ ref('stg_ctg__perimetres') }} as p
left join {{ ref('int_passage') }} as x on p.cog_millesime = x.cog_millesime and p.code = x.code_origine
where x.code_origine is null
