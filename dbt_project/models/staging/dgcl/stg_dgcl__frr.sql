-- Whether each commune stands in France ruralités revitalisation, by dated list.
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    classement,
    case
        when classement = 'Non classée' then 'non'
        when classement like '%partiellement' then 'en partie'
        else 'oui'
    end as zonage_frr
from {{ source('normalised', 'dgcl_frr__communes') }}
