-- The producers' files this warehouse was built from.
select
    f.sha256,
    f.source,
    f.ressource,
    f.millesime,
    f.membre,
    f.niveau,
    f.cog_millesime,
    f.lignes,
    f.lignes_ecartees,
    f.publie_le,
    c.demonstration
from {{ source('nuit', 'fichiers') }} as f
cross join {{ source('nuit', 'contexte') }} as c
