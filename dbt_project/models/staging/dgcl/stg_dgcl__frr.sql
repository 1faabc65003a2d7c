-- Communes classed in France ruralités revitalisation, wholly or in part, by dated list.
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    'FRR' as zonage,
    'France ruralités revitalisation' as libelle,
    classement as identifiant
from {{ source('normalised', 'dgcl_frr__communes') }}
where classement <> 'Non classée'
