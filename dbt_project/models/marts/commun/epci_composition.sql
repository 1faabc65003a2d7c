-- Who was in which EPCI, year by year: every composition received, for the EPCI that touch the scope.
with retenus as (
    select distinct
        e.millesime,
        e.epci
    from {{ ref('int_epci_annuel') }} as e
    inner join {{ ref('int_passage') }} as p on e.cog_millesime = p.cog_millesime and e.code = p.code_origine
    inner join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and p.code_reference = t.code
)

select
    e.millesime,
    e.epci,
    e.epci_libelle,
    e.code,
    e.cog_millesime,
    e.code_reference
from {{ ref('int_epci_annuel') }} as e
inner join retenus as r on e.millesime = r.millesime and e.epci = r.epci
