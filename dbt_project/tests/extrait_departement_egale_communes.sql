-- Before the masks: a département that the extract covers counts what its communes count. Keys alone: a line that fails
-- may hold a figure that no reader may see.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_sommes'}}}) }}
with communes as (
    select
        e.millesime,
        e.mesure_id,
        c.departement,
        sum(e.valeur) as valeur
    from {{ ref('int_extrait_communes') }} as e
    inner join {{ ref('int_cog_annuel') }} as c on e.cog_millesime = c.cog_millesime and e.code = c.code
    where e.marque is null
    group by all
)

select
    s.code,
    s.mesure_id,
    s.millesime
from {{ ref('int_sommes') }} as s
inner join {{ ref('int_sources') }} as o on s.source_id = o.source_id and o.diffusion = 'micro'
left join communes as c on s.code = c.departement and s.mesure_id = c.mesure_id and s.millesime = c.millesime
where
    s.niveau = 'departement'
    and s.statut = 'observe'
    and s.valeur is distinct from coalesce(c.valeur, 0)
