-- The newest composition of the EPCI, in the COG of its own file.
select
    cog_millesime,
    code,
    epci,
    epci_libelle
from {{ ref('stg_dgcl__epci_composition') }}
where millesime = (select max(c.millesime) from {{ ref('stg_dgcl__epci_composition') }} as c)
