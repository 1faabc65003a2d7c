-- Whether a territory stands in a zoning, where a dated list says so of every commune: oui, non, or how many of its
-- communes do; and how many benefit from it that do not:
--     67 classed of 67                 oui
--     none of 1, that benefits         bénéficiaire
--     3 of 12, and 4 that benefit      3 des 12 communes, 4 bénéficiaires
with listes as (
    select
        millesime,
        cog_millesime,
        couverture
    from {{ source('nuit', 'fichiers') }}
    where source = 'dgcl_frr'
),

communes as (
    select
        l.millesime,
        r.niveau,
        r.code,
        count(distinct k.code) as nb_communes,
        count(distinct z.code) filter (where z.zonage = 'FRR') as nb_classees,
        count(distinct z.code) filter (where z.zonage = 'FRR bénéficiaire') as nb_beneficiaires
    from listes as l
    inner join {{ ref('int_couverture') }} as k
        on l.couverture = k.couverture and l.cog_millesime = k.cog_millesime
    inner join {{ ref('int_rattachement') }} as r
        on k.cog_millesime = r.cog_millesime and k.code = r.code_origine and r.unique_a_ce_niveau
    left join {{ ref('int_zonages') }} as z
        on
            l.millesime = z.millesime
            and l.cog_millesime = z.cog_millesime
            and k.code = z.code
            and z.zonage in ('FRR', 'FRR bénéficiaire')
    where r.niveau in ('commune', 'epci', 'ctg')
    group by all
)

select
    niveau,
    code,
    millesime,
    'zonage_frr' as indicateur_id,
    case
        when nb_classees = nb_communes then 'oui'
        when nb_classees = 0 and nb_beneficiaires = 0 then 'non'
        when nb_beneficiaires = nb_communes and nb_communes = 1 then 'bénéficiaire'
        else
            if(nb_classees = 0, 'aucune', cast(nb_classees as varchar)) || ' des ' || nb_communes || ' communes'
            || case
                when nb_beneficiaires = 0 then ''
                else ', ' || nb_beneficiaires || if(nb_beneficiaires > 1, ' bénéficiaires', ' bénéficiaire')
            end
    end as valeur_texte,
    'dgcl_frr' as source_id
from communes
