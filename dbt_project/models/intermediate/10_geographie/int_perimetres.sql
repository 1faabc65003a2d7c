-- Each territory above the commune in every known vintage of its geography, with the communes that set it apart from
-- the reference: none for nearly all. Perimeters are compared as sets of communes of the reference COG, so that a
-- merger within an EPCI leaves it as it was. The vintages of a département and of a région are those of the COG; of an
-- EPCI, the compositions received and the reference itself.
with compositions as (
    select distinct millesime from {{ ref('stg_dgcl__epci_composition') }}
),

reference as (
    select max(cog_millesime) as millesime from {{ ref('int_communes_reference') }}
),

vintages as (
    select distinct
        'cog' as referentiel,
        cog_millesime as millesime
    from {{ ref('int_cog_annuel') }}
    union all
    select
        'epci' as referentiel,
        millesime
    from compositions
    union all
    select
        'epci' as referentiel,
        millesime
    from reference
    -- A composition may be newer than the COG: it is the reference then.
    where millesime > (select max(c.millesime) from compositions as c)
),

passage as (
    select
        p.cog_millesime,
        p.code_origine,
        a.departement as departement_origine,
        r.departement,
        r.region
    from {{ ref('int_passage') }} as p
    inner join {{ ref('int_cog_annuel') }} as a on p.cog_millesime = a.cog_millesime and p.code_origine = a.code
    inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
    where a.departement <> r.departement
),

regions as (
    select distinct
        departement,
        region
    from {{ ref('int_communes_reference') }}
),

differences as (
    select
        'departement' as niveau,
        unnest([departement_origine, departement]) as code,
        cog_millesime as millesime,
        code_origine as difference
    from passage
    union all
    select
        'region' as niveau,
        unnest([r.region, p.region]) as code,
        p.cog_millesime as millesime,
        p.code_origine as difference
    from passage as p
    inner join regions as r on p.departement_origine = r.departement
    where r.region <> p.region
    union all
    select
        'epci' as niveau,
        coalesce(c.epci, r.epci) as code,
        coalesce(c.millesime, r.millesime) as millesime,
        coalesce(c.code, r.code) as difference
    from (
        select distinct
            d.millesime,
            d.epci,
            p.code_reference as code
        from {{ ref('stg_dgcl__epci_composition') }} as d
        inner join {{ ref('int_passage') }} as p on d.cog_millesime = p.cog_millesime and d.code = p.code_origine
    ) as c
    full outer join (
        select
            v.millesime,
            r.epci,
            r.code
        from {{ ref('int_communes_reference') }} as r
        cross join compositions as v
        where r.epci is not null
    ) as r using (millesime, epci, code)
    -- A commune that merged across EPCI lines is in one EPCI today, which held only a part of it then.
    qualify c.epci is null or r.epci is null or count(c.epci) over (partition by millesime, code) > 1
),

ecarts as (
    select
        niveau,
        code,
        millesime,
        string_agg(distinct difference, ',' order by difference) as ecart
    from differences
    group by all
),

territoires as (
    unpivot (
        select distinct
            epci,
            departement,
            region,
            'FR' as france
        from {{ ref('int_communes_reference') }}
    )
    on epci, departement, region, france
    into name niveau value code
)

select distinct
    t.niveau,
    t.code,
    v.millesime,
    e.ecart
from territoires as t
inner join vintages as v on v.referentiel = if(t.niveau = 'epci', 'epci', 'cog')
left join ecarts as e on t.niveau = e.niveau and t.code = e.code and v.millesime = e.millesime
