-- The zonings and programmes a commune belongs to, from every source that names them.
select
    'anct_zonages' as source_id,
    zonage,
    libelle,
    identifiant,
    code,
    millesime,
    cog_millesime
from {{ ref('stg_anct__zonages') }}
union all
select
    'dgcl_frr' as source_id,
    zonage,
    libelle,
    identifiant,
    code,
    millesime,
    cog_millesime
from {{ ref('stg_dgcl__frr') }}
