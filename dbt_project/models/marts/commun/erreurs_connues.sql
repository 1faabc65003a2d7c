-- Errors of producers that their files in use still hold: a row for each commune of the scope whose figures one
-- concerns, and a row without territory for one that concerns those of nobody.
select
    e.erreur_id,
    e.source_id,
    e.ressource,
    e.millesime,
    t.territoire_id,
    e.constat,
    e.effet,
    e.vue_le,
    e.signalee_le
from {{ source('nuit', 'erreurs_connues') }} as e
left join {{ ref('int_passage') }} as p on e.cog_millesime = p.cog_millesime and e.commune = p.code_origine
left join {{ ref('dim_territoire') }} as t on t.territoire_id = 'commune:' || p.code_reference
where e.presente and (e.commune is null or t.territoire_id is not null)
