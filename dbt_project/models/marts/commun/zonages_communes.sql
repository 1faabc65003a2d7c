-- Zonings and programmes of the communes of the scope, in the COG of the list that names them.
with retenues as (
    select distinct
        p.cog_millesime,
        p.code_origine as code
    from {{ ref('int_passage') }} as p
    inner join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and p.code_reference = t.code
)

select
    z.code,
    z.zonage,
    z.identifiant,
    z.libelle,
    z.millesime,
    z.cog_millesime,
    z.source_id
from {{ ref('int_zonages') }} as z
inner join retenues as r on z.cog_millesime = r.cog_millesime and z.code = r.code
