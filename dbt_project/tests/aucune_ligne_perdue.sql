-- Every commune line that was read reaches the reference geography: a code without passage would vanish. Only a
-- territory that left France has none.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_parts'}}}) }}
select
    p.source_id,
    p.mesure_id,
    p.millesime,
    p.cog_millesime,
    p.code
from {{ ref('int_parts') }} as p
left join {{ ref('int_passage') }} as x on p.cog_millesime = x.cog_millesime and p.code = x.code_origine
where
    x.code_origine is null
    and p.code not in (
        select m.code_avant from {{ ref('stg_insee__cog_mouvements') }} as m
        where m.code_avant is not null and m.code_apres is null
    )
