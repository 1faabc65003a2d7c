-- Communes classed in France ruralités revitalisation, wholly or in part, by dated list.
select
    millesime_fichier as millesime,
    cog_millesime,
    code,
    'FRR' as zonage,
    'France ruralités revitalisation' as libelle,
    classement as identifiant
from {{ source('normalised', 'dgcl_frr__communes') }}
where classement <> 'Non classée'
union all
select
    millesime_fichier as millesime,
    cog_millesime,
    code,
    'FRR' as zonage,
    'France ruralités revitalisation' as libelle,
    -- In the words of the lists that followed.
    case when mention = 'P' then 'Classée FRR partiellement' else 'FRR socle' end as identifiant
from {{ source('normalised', 'dgcl_frr__arrete') }}
