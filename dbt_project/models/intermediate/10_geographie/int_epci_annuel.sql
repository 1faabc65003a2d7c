-- Members of the EPCI in every composition received, and where each stands in the reference COG: nowhere when it
-- was split.
with heritiers as (
    select
        cog_millesime,
        code_origine,
        case when max(nb_heritiers) = 1 then min(code_reference) end as code_reference
    from {{ ref('int_passage') }}
    group by all
)

select
    c.millesime,
    c.cog_millesime,
    c.epci,
    c.epci_libelle,
    c.code,
    h.code_reference
from {{ ref('stg_dgcl__epci_composition') }} as c
left join heritiers as h on c.cog_millesime = h.cog_millesime and c.code = h.code_origine
