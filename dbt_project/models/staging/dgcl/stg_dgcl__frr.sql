-- Communes classed in France ruralités revitalisation, wholly or in part, by dated list; and those of the former zones
-- de revitalisation rurale that are not classed and keep the effects until the end of 2027, which the list calls
-- bénéficiaires: a zoning of their own.
select
    millesime_fichier as millesime,
    cog_millesime,
    code,
    if(classement like 'FRR bénéficiaire%', 'FRR bénéficiaire', 'FRR') as zonage,
    if(
        classement like 'FRR bénéficiaire%',
        'Anciennes zones de revitalisation rurale, qui bénéficient des effets de FRR sans y être classées',
        'France ruralités revitalisation'
    ) as libelle,
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
