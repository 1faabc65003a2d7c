-- How many communes each territory has in the list that says so, on the day of that list: the reference geography
-- would give every year the members of today. The list of an EPCI is its composition, of a département and of a région
-- the COG; that of a CTG is the last of its perimeters, in the reference COG. A COG of the EPCI of one département, as
-- the demonstration's is, holds a part of each région: nothing is counted there.
with partiels as (
    select
        cog_millesime,
        split_part(couverture, ':', 2) as departement
    from {{ source('nuit', 'fichiers') }}
    where source = 'insee_cog_communes' and couverture like 'epci_de_departement:%'
),

cog as (
    select
        c.cog_millesime as millesime,
        c.code,
        c.departement,
        c.region,
        p.departement as seul_entier
    from {{ ref('stg_insee__cog_communes') }} as c
    left join partiels as p on c.cog_millesime = p.cog_millesime
),

listes as (
    select
        'dgcl_epci_composition' as source_id,
        'epci' as niveau,
        epci as code,
        millesime,
        code as commune,
        false as partielle
    from {{ ref('int_epci_annuel') }}
    union all
    select
        'insee_cog_communes' as source_id,
        'departement' as niveau,
        departement as code,
        millesime,
        code as commune,
        coalesce(seul_entier <> departement, false) as partielle
    from cog
    union all
    select
        'insee_cog_communes' as source_id,
        'region' as niveau,
        region as code,
        millesime,
        code as commune,
        seul_entier is not null as partielle
    from cog
    union all
    select
        'ctg_plan_actions' as source_id,
        'ctg' as niveau,
        c.convention_id as code,
        r.cog_millesime as millesime,
        c.code as commune,
        false as partielle
    from {{ ref('int_ctg_communes') }} as c
    inner join {{ ref('int_communes_reference') }} as r on c.code = r.code
)

select
    niveau,
    code,
    source_id,
    'communes_membres' as mesure_id,
    millesime,
    if(bool_or(partielle), 'non_disponible', 'observe') as statut,
    if(bool_or(partielle), 'hors_couverture', null) as motif_code,
    {{ motif_d_une_somme('motif_code', 0, 0) }} as motif,
    cast(if(bool_or(partielle), null, count(*)) as decimal(30, 15)) as valeur,
    valeur as enveloppe_basse,
    valeur as enveloppe_haute,
    valeur as milieu_basse,
    valeur as milieu_haute,
    cast(0 as decimal(30, 15)) as variance
from listes
where code is not null
group by niveau, code, source_id, millesime
