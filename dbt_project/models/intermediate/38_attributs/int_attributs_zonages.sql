-- Whether a territory stands in a zoning, where a dated list says so of every commune: oui, non, or how many of its
-- communes do.
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
        count(distinct z.code) as nb_classees
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
            and z.zonage = 'FRR'
    where r.niveau in ('commune', 'epci', 'ctg')
    group by all
)

select
    niveau,
    code,
    millesime,
    'zonage_frr' as indicateur_id,
    case
        when nb_classees = 0 then 'non'
        when nb_classees = nb_communes then 'oui'
        else nb_classees || ' des ' || nb_communes || ' communes'
    end as valeur_texte,
    'dgcl_frr' as source_id
from communes
