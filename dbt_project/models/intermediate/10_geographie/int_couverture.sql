-- The communes of a file's own COG that it covers, whether or not it has a line for them.
-- `region:84` covers a région; `epci_de_departement:26` the EPCI that touch a département, and with `:84` their part
-- in a région. `conventions` covers the communes of the CTG; `liste` covers what it lists and nothing else, so it has
-- no line here.
with fichiers as (
    select distinct
        couverture,
        unnest(cogs) as cog_millesime
    from {{ source('nuit', 'fichiers') }}
    where niveau = 'commune'
),

epci_touches as (
    -- EPCI (in the reference geography) with a commune in the département.
    select distinct
        f.couverture,
        r.epci
    from fichiers as f
    inner join {{ ref('int_communes_reference') }} as r
        on r.departement = split_part(f.couverture, ':', 2)
    where f.couverture like 'epci_de_departement:%' and r.epci is not null
),

ctg as (
    select distinct code from {{ ref('int_ctg_communes') }}
)

select distinct
    f.couverture,
    f.cog_millesime,
    c.code
from fichiers as f
inner join {{ ref('int_cog_annuel') }} as c on f.cog_millesime = c.cog_millesime
left join {{ ref('int_passage') }} as p on c.cog_millesime = p.cog_millesime and c.code = p.code_origine
left join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
left join {{ ref('departements') }} as d on c.departement = d.departement
left join ctg as t on p.code_reference = t.code
left join epci_touches as e on f.couverture = e.couverture and r.epci = e.epci
where
    f.couverture = 'france'
    or (f.couverture = 'france_hors_mayotte' and c.departement <> '976')
    or (f.couverture like 'departement:%' and c.departement = split_part(f.couverture, ':', 2))
    or (f.couverture like 'region:%' and d.region = split_part(f.couverture, ':', 2))
    or (f.couverture = 'conventions' and t.code is not null)
    or (e.epci is not null and split_part(f.couverture, ':', 3) in ('', d.region))
