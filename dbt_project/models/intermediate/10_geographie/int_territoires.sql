-- The territories of each scope of the night, in the reference geography. A scope filters after aggregation:
-- `departement:26` keeps the département, every EPCI that touches it with all its communes, its région, France;
-- the départements and régions of neighbours that those EPCI bring in are left out. `ctg:<convention>` keeps its
-- communes alone, beside the EPCI they belong to. A CTG is kept wherever one of its communes is.
with perimetres as (
    select
        perimetre,
        split_part(perimetre, ':', 1) as niveau,
        split_part(perimetre, ':', 2) as code
    from (select unnest(string_split(perimetre, ',')) as perimetre from {{ source('nuit', 'contexte') }})
),

communes as (
    select * from {{ ref('int_communes_reference') }}
),

ctg as (
    select * from {{ ref('int_ctg_communes') }}
),

communes_du_ctg as (
    select
        p.perimetre,
        t.code
    from ctg as t
    inner join perimetres as p on p.niveau = 'ctg' and t.convention_id = p.code
),

epci_retenus as (
    select distinct
        p.perimetre,
        r.epci
    from communes as r
    cross join perimetres as p
    left join communes_du_ctg as d on p.perimetre = d.perimetre and r.code = d.code
    where
        r.epci is not null
        and case p.niveau
            when 'france' then true
            when 'region' then r.region = p.code
            when 'departement' then r.departement = p.code
            when 'epci' then r.epci = p.code
            when 'ctg' then d.code is not null
        end
),

communes_retenues as (
    select
        p.perimetre,
        p.niveau as portee,
        p.code as portee_code,
        r.*
    from communes as r
    cross join perimetres as p
    left join communes_du_ctg as d on p.perimetre = d.perimetre and r.code = d.code
    left join epci_retenus as e on p.perimetre = e.perimetre and r.epci = e.epci
    where
        (p.niveau <> 'ctg' and e.epci is not null)
        or d.code is not null
        or (
            r.epci is null
            and case p.niveau
                when 'france' then true
                when 'region' then r.region = p.code
                when 'departement' then r.departement = p.code
            end
        )
),

administrations as (
    -- Where the départements and régions kept are read: not those the EPCI of the border bring in.
    select
        perimetre,
        departement,
        region
    from communes_retenues
    where
        case portee
            when 'departement' then departement = portee_code
            when 'region' then region = portee_code
            else true
        end
),

ctg_retenus as (
    select distinct
        r.perimetre,
        c.convention_id
    from ctg as c
    inner join communes_retenues as r on c.code = r.code
),

epci as (
    select
        epci,
        min(epci_libelle) as libelle,
        -- An EPCI may lie over several départements or régions: it is then in none of them.
        if(min(departement) = max(departement), min(departement), null) as departement,
        if(min(region) = max(region), min(region), null) as region
    from communes
    where epci is not null
    group by epci
)

select
    perimetre,
    'commune' as niveau,
    code,
    libelle,
    departement,
    region,
    epci,
    epci_libelle
from communes_retenues
union all
select
    r.perimetre,
    'epci' as niveau,
    e.epci as code,
    e.libelle,
    e.departement,
    e.region,
    e.epci,
    e.libelle as epci_libelle
from epci_retenus as r
inner join epci as e on r.epci = e.epci
union all
select
    r.perimetre,
    'ctg' as niveau,
    c.convention_id as code,
    min(c.libelle) as libelle,
    if(min(c.departement) = max(c.departement), min(c.departement), null) as departement,
    if(min(c.region) = max(c.region), min(c.region), null) as region,
    min(c.epci_identique) as epci,
    min(e.libelle) as epci_libelle
from ctg_retenus as r
inner join ctg as c on r.convention_id = c.convention_id
left join epci as e on c.epci_identique = e.epci
group by r.perimetre, c.convention_id
union all
select distinct
    r.perimetre,
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
    r.perimetre,
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
    perimetre,
    'france' as niveau,
    'FR' as code,
    'France' as libelle,
    null as departement,
    null as region,
    null as epci,
    null as epci_libelle
from perimetres
