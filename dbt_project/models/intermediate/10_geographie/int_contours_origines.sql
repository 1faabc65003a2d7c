-- The outlines that make each commune of the reference COG, one line each: its own, and those of the communes that
-- merged into it since the edition. All of them are there, and none went elsewhere too, or the commune has no outline.
-- The newest edition that gives it whole is read.
with arrivees as (
    select
        c.source_id,
        c.ressource,
        c.edition,
        c.cog_millesime,
        c.code,
        c.geometrie,
        p.code_reference,
        p.nb_heritiers
    from {{ ref('stg_ign__contours_communes') }} as c
    inner join {{ ref('int_passage') }} as p on c.cog_millesime = p.cog_millesime and c.code = p.code_origine
),

origines as (
    select
        cog_millesime,
        code_reference,
        count(*) as nb_origines
    from {{ ref('int_passage') }}
    group by all
),

entieres as (
    select
        a.code_reference,
        a.source_id,
        a.ressource,
        a.edition
    from arrivees as a
    inner join origines as o on a.cog_millesime = o.cog_millesime and a.code_reference = o.code_reference
    group by all
    having count(*) = any_value(o.nb_origines) and max(a.nb_heritiers) = 1
),

choisies as (
    select *
    from entieres
    qualify row_number() over (partition by code_reference order by edition desc, ressource asc) = 1
)

select
    a.code_reference as code,
    a.code as code_origine,
    a.geometrie,
    a.edition,
    a.source_id
from arrivees as a
inner join choisies as c
    on a.code_reference = c.code_reference and a.ressource = c.ressource and a.edition = c.edition
