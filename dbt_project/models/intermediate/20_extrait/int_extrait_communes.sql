-- The extract by commune as the rest of the warehouse reads it: counted tonight, or kept from before a purge. What a
-- Caf holds of a commune it does not cover is a part that nobody can complete: left out, and told by a test. A mesure
-- that is not available has a line, with its reason, for each commune covered.
with communes as (
    select * from {{ ref('int_extrait_comptes') }}
    union all
    select * from {{ ref('stg_caf__extrait_geles_communes') }}
),

couvertes as (
    select
        f.source as source_id,
        f.sha256,
        f.millesime,
        f.cog_millesime,
        c.code
    from {{ source('nuit', 'fichiers') }} as f
    inner join {{ ref('int_couverture') }} as c on f.couverture = c.couverture and f.cog_millesime = c.cog_millesime
    inner join {{ ref('int_sources') }} as s on f.source = s.source_id and s.diffusion = 'micro'
),

absentes as (
    select distinct
        fichier_sha256,
        mesure_id,
        marque
    from communes
    where marque is not null
)

select
    v.source_id,
    v.millesime,
    c.fichier_sha256,
    v.cog_millesime,
    v.code,
    c.mesure_id,
    c.valeur,
    c.n,
    c.max1,
    c.max2,
    c.marque
from communes as c
inner join couvertes as v on c.fichier_sha256 = v.sha256 and c.code = v.code
where c.marque is null
union all
select
    v.source_id,
    v.millesime,
    a.fichier_sha256,
    v.cog_millesime,
    v.code,
    a.mesure_id,
    cast(null as decimal(18, 2)) as valeur,
    cast(null as bigint) as n,
    cast(null as decimal(18, 2)) as max1,
    cast(null as decimal(18, 2)) as max2,
    a.marque
from absentes as a
inner join couvertes as v on a.fichier_sha256 = v.sha256
