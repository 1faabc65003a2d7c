-- The producers' files this warehouse was built from.
select
    sha256,
    source,
    ressource,
    millesime,
    membre,
    lignes,
    lignes_ecartees
from {{ source('nuit', 'fichiers') }}
