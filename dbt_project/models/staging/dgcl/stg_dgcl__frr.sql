-- Communes classed in France ruralités revitalisation, wholly or in part, by dated list; and those of the former zones
-- de revitalisation rurale that are not classed and keep the effects until the end of 2027, which the list calls
-- bénéficiaires: a zoning of their own. The copy of a list stands in for a workbook that was not received.
with listes as (
    select
        millesime_fichier,
        cog_millesime,
        code,
        classement
    from {{ source('normalised', 'dgcl_frr__communes') }}
    union all
    select
        c.millesime_fichier,
        c.cog_millesime,
        c.code,
        c.classement
    from {{ source('normalised', 'dgcl_frr__copie') }} as c
    anti join {{ source('normalised', 'dgcl_frr__communes') }} as r on c.millesime_fichier = r.millesime_fichier
)

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
from listes
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
