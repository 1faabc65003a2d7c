-- How many communes each territory has in the list that says so, on the day of that list: the reference geography
-- would give every year the members of today. The list of an EPCI is its composition, of a département and of a région
-- the COG; that of a CTG is the last of its perimeters, in the reference COG.
with listes as (
    select
        'dgcl_epci_composition' as source_id,
        'epci' as niveau,
        epci as code,
        millesime,
        code as commune
    from {{ ref('int_epci_annuel') }}
    union all
    select
        'insee_cog_communes' as source_id,
        'departement' as niveau,
        departement as code,
        cog_millesime as millesime,
        code as commune
    from {{ ref('stg_insee__cog_communes') }}
    union all
    select
        'insee_cog_communes' as source_id,
        'region' as niveau,
        region as code,
        cog_millesime as millesime,
        code as commune
    from {{ ref('stg_insee__cog_communes') }}
    union all
    select
        'ctg_plan_actions' as source_id,
        'ctg' as niveau,
        c.convention_id as code,
        r.cog_millesime as millesime,
        c.code as commune
    from {{ ref('int_ctg_communes') }} as c
    inner join {{ ref('int_communes_reference') }} as r on c.code = r.code
)

select
    niveau,
    code,
    source_id,
    'communes_membres' as mesure_id,
    millesime,
    'observe' as statut,
    cast(count(*) as decimal(30, 15)) as valeur,
    valeur as enveloppe_basse,
    valeur as enveloppe_haute,
    valeur as milieu_basse,
    valeur as milieu_haute,
    cast(0 as decimal(30, 15)) as variance
from listes
where code is not null
group by niveau, code, source_id, millesime
