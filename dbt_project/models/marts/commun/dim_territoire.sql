-- The territories of the scope, in the reference geography. The scope filters after aggregation:
-- `departement:26` keeps the département, every EPCI that touches it with all its communes, its région, France;
-- the départements and régions of neighbours that those EPCI bring in are left out. `ctg:<convention>` keeps its
-- communes alone, beside the EPCI they belong to. A CTG is kept wherever one of its communes is.
with contexte as (
    select
        perimetre,
        split_part(perimetre, ':', 1) as niveau,
        split_part(perimetre, ':', 2) as code,
        demonstration
    from {{ source('nuit', 'contexte') }}
),

communes as (
    select * from {{ ref('int_communes_reference') }}
),

ctg as (
    select * from {{ ref('int_ctg_communes') }}
),

communes_du_ctg as (
    select t.code
    from ctg as t
    inner join contexte as c on t.convention_id = c.code
    where c.niveau = 'ctg'
),

epci_retenus as (
    select distinct r.epci
    from communes as r
    cross join contexte as c
    where
        r.epci is not null
        and case c.niveau
            when 'france' then true
            when 'region' then r.region = c.code
            when 'departement' then r.departement = c.code
            when 'epci' then r.epci = c.code
            when 'ctg' then r.code in (select d.code from communes_du_ctg as d)
        end
),

communes_retenues as (
    select r.*
    from communes as r
    cross join contexte as c
    where
        (c.niveau <> 'ctg' and r.epci in (select e.epci from epci_retenus as e))
        or r.code in (select d.code from communes_du_ctg as d)
        or (
            r.epci is null
            and case c.niveau
                when 'france' then true
                when 'region' then r.region = c.code
                when 'departement' then r.departement = c.code
            end
        )
),

administrations as (
    -- Where the départements and régions kept are read: not those the EPCI of the border bring in.
    select
        r.departement,
        r.region
    from communes_retenues as r
    cross join contexte as c
    where
        case c.niveau
            when 'departement' then r.departement = c.code
            when 'region' then r.region = c.code
            else true
        end
),

niveaux as (
    select
        'commune' as niveau,
        code,
        libelle,
        departement,
        region,
        epci,
        epci_libelle
    from communes_retenues
    union all
    select distinct
        'epci' as niveau,
        epci as code,
        epci_libelle as libelle,
        -- An EPCI may lie over several départements or régions: it is then in none of them.
        case when min(departement) over e = max(departement) over e then departement end as departement,
        case when min(region) over e = max(region) over e then region end as region,
        epci,
        epci_libelle
    from communes
    where epci in (select r.epci from epci_retenus as r)
    window e as (partition by epci)
    union all
    select
        'ctg' as niveau,
        convention_id as code,
        min(libelle) as libelle,
        case when min(departement) = max(departement) then min(departement) end as departement,
        case when min(region) = max(region) then min(region) end as region,
        min(epci_identique) as epci,
        null as epci_libelle
    from ctg
    group by convention_id
    having bool_or(code in (select r.code from communes_retenues as r))
    union all
    select distinct
        'departement' as niveau,
        r.departement as code,
        coalesce(n.libelle, r.departement) as libelle,
        r.departement,
        r.region,
        null as epci,
        null as epci_libelle
    from administrations as r
    left join {{ ref('departements') }} as n on r.departement = n.departement
    union all
    select distinct
        'region' as niveau,
        r.region as code,
        coalesce(n.libelle, r.region) as libelle,
        null as departement,
        r.region,
        null as epci,
        null as epci_libelle
    from administrations as r
    left join {{ ref('regions') }} as n on r.region = n.region
    union all
    select
        'france' as niveau,
        'FR' as code,
        'France' as libelle,
        null as departement,
        null as region,
        null as epci,
        null as epci_libelle
)

select
    n.niveau || ':' || n.code as territoire_id,
    n.niveau,
    n.code,
    n.libelle,
    n.departement,
    n.region,
    n.epci,
    n.epci_libelle,
    (select max(r.cog_millesime) from communes as r) as cog_millesime,
    c.demonstration
from niveaux as n
cross join contexte as c
