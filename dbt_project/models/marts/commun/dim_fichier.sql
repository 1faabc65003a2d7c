-- The producers' files this warehouse was built from. Of a file that few have, neither the digest, which would tell
-- whether a guess at it is right, nor the number of rows, which may be one of persons or of structures.
select
    f.fichier_id,
    if(s.diffusion = 'publique', f.sha256, null) as sha256,
    f.source,
    f.ressource,
    f.millesime,
    f.membre,
    f.niveau,
    f.cog_millesime,
    if(s.diffusion = 'publique', f.lignes, null) as lignes,
    if(s.diffusion = 'publique', f.lignes_ecartees, null) as lignes_ecartees,
    f.publie_le,
    c.demonstration
from {{ source('nuit', 'fichiers') }} as f
inner join {{ ref('int_sources') }} as s on f.source = s.source_id
cross join {{ source('nuit', 'contexte') }} as c
