-- The territories that the release shows, in the reference geography: those of all the scopes of the night while the
-- whole is built and proved, then those of one scope at a time (orchestration/nuit/perimetres.py). The one model that
-- reads the scope: what depends on it is what is built again for the next.
with lieux as (
    select
        niveau,
        code,
        departement,
        region
    from {{ ref('int_territoires') }}
    union all
    -- An EPCI over a border lies over two départements, and is in none.
    select
        'epci' as niveau,
        epci as code,
        departement,
        region
    from {{ ref('int_communes_reference') }}
    where epci is not null
    union all
    select
        'ctg' as niveau,
        convention_id as code,
        departement,
        region
    from {{ ref('int_ctg_communes') }}
),

noms as (
    select
        l.niveau,
        l.code,
        string_agg(distinct d.libelle, ', ' order by d.libelle) as departement_libelle,
        string_agg(distinct r.libelle, ', ' order by r.libelle) as region_libelle
    from lieux as l
    left join {{ ref('departements') }} as d on l.departement = d.departement
    left join {{ ref('regions') }} as r on l.region = r.region
    group by l.niveau, l.code
)

select distinct
    t.niveau || ':' || t.code as territoire_id,
    t.niveau,
    t.code,
    t.libelle,
    t.departement,
    n.departement_libelle,
    t.region,
    n.region_libelle,
    t.epci,
    t.epci_libelle,
    (select max(i.cog_millesime) from {{ ref('int_communes_reference') }} as i) as cog_millesime,
    c.demonstration
from {{ ref('int_territoires') }} as t
inner join {{ source('nuit', 'contexte') }} as c on list_contains(string_split(c.perimetre, ','), t.perimetre)
inner join noms as n on t.niveau = n.niveau and t.code = n.code
