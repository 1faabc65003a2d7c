-- The reference geography: communes of the newest COG with their département, région, and the EPCI of the
-- newest composition carried to that COG. A commune born of a merger follows the commune that received it;
-- four island communes are in no EPCI.
with reference as (
    select
        cog_millesime,
        code,
        libelle,
        departement,
        region
    from {{ ref('stg_insee__cog_communes') }}
    where cog_millesime = (select max(c.cog_millesime) from {{ ref('stg_insee__cog_communes') }} as c)
),

heritage as (
    -- For a code the composition does not know: the EPCI all its origins agree on.
    select
        p.code_reference as code,
        min(c.epci) as epci
    from {{ ref('int_passage') }} as p
    inner join {{ ref('int_epci_composition') }} as c on p.cog_millesime = c.cog_millesime and p.code_origine = c.code
    group by all
    having count(distinct c.epci) = 1
),

noms as (
    select
        epci,
        min(epci_libelle) as epci_libelle
    from {{ ref('int_epci_composition') }}
    group by all
)

select
    r.cog_millesime,
    r.code,
    r.libelle,
    r.departement,
    r.region,
    coalesce(c.epci, h.epci) as epci,
    n.epci_libelle
from reference as r
left join {{ ref('int_epci_composition') }} as c on r.code = c.code
left join heritage as h on r.code = h.code
left join noms as n on coalesce(c.epci, h.epci) = n.epci
