-- Since when the perimeter of each territory is known, and the vintages in which it changed, compared as sets of
-- communes of the reference COG: a merger within an EPCI leaves the EPCI as it was, and changes its communes.
with vintages as (
    select
        'cog' as referentiel,
        cog_millesime as millesime,
        lag(cog_millesime) over (order by cog_millesime) as precedent
    from (select distinct cog_millesime from {{ ref('int_cog_annuel') }})
    union all
    select
        'epci' as referentiel,
        millesime,
        lag(millesime) over (order by millesime) as precedent
    from (select distinct millesime from {{ ref('stg_dgcl__epci_composition') }})
),

passage as (
    select
        p.cog_millesime,
        p.code_origine,
        p.nature,
        a.departement as departement_origine,
        r.code,
        r.departement,
        r.region
    from {{ ref('int_passage') }} as p
    inner join {{ ref('int_cog_annuel') }} as a on p.cog_millesime = a.cog_millesime and p.code_origine = a.code
    inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
),

regions as (
    select distinct
        departement,
        region
    from {{ ref('int_communes_reference') }}
),

differences as (
    -- What sets a territory of a vintage apart from what it is in the reference; nothing for nearly all.
    select
        'commune' as niveau,
        code,
        cog_millesime as millesime,
        code_origine || ' ' || nature as difference
    from passage
    -- Another code for the same commune is the same perimeter.
    where nature not in ('identique', 'changement_code')
    union all
    select
        'departement' as niveau,
        unnest([departement_origine, departement]) as code,
        cog_millesime as millesime,
        code_origine as difference
    from passage
    where departement_origine <> departement
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
        cross join vintages as v
        where v.referentiel = 'epci' and r.epci is not null
    ) as r using (millesime, epci, code)
    where c.epci is null or r.epci is null
),

perimetres as (
    select
        niveau,
        code,
        millesime,
        string_agg(distinct difference, ',' order by difference) as ecart_a_la_reference
    from differences
    group by all
),

ruptures as (
    select
        t.niveau,
        t.code,
        v.millesime
    from (
        select distinct
            niveau,
            code
        from perimetres
    ) as t
    inner join vintages as v on v.referentiel = if(t.niveau = 'epci', 'epci', 'cog') and v.precedent is not null
    left join perimetres as p on t.niveau = p.niveau and t.code = p.code and v.millesime = p.millesime
    left join perimetres as avant on t.niveau = avant.niveau and t.code = avant.code and v.precedent = avant.millesime
    where p.ecart_a_la_reference is distinct from avant.ecart_a_la_reference
),

territoires as (
    unpivot (
        select distinct
            code as commune,
            epci,
            departement,
            region,
            'FR' as france
        from {{ ref('int_communes_reference') }}
    )
    on commune, epci, departement, region, france
    into name niveau value code
)

select
    t.niveau,
    t.code,
    min(v.millesime) as connu_depuis,
    coalesce(list_sort(list(distinct r.millesime) filter (where r.millesime is not null)), []) as ruptures
from territoires as t
inner join vintages as v on v.referentiel = if(t.niveau = 'epci', 'epci', 'cog')
left join ruptures as r on t.niveau = r.niveau and t.code = r.code
group by t.niveau, t.code
