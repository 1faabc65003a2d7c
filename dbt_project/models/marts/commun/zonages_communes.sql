-- Zonings and programmes of the communes of the scope, in the COG of the list that names them. Which part of a commune
-- that was split has them is unknown.
with retenues as (
    select
        p.cog_millesime,
        p.code_origine as code,
        if(any_value(p.nb_heritiers) = 1, any_value(t.territoire_id), null) as territoire_id
    from {{ ref('int_passage') }} as p
    inner join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and p.code_reference = t.code
    group by all
)

select
    r.territoire_id,
    z.code,
    z.zonage,
    z.identifiant,
    z.libelle,
    z.millesime,
    z.cog_millesime,
    z.source_id
from {{ ref('int_zonages') }} as z
inner join retenues as r on z.cog_millesime = r.cog_millesime and z.code = r.code
