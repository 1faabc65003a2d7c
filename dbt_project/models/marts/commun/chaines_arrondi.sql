-- Along which communes each file of persons was rounded: whoever has a release can compute its certificate again.
-- Whole, in every scope: a chain that is cut would say nothing of its ends.
select distinct
    source_id,
    millesime,
    cast(departement as varchar) as departement,
    rang,
    code,
    epci,
    cog_millesime,
    case
        when not ordre_public then 'effectifs'
        when population_millesime is null then 'code'
        else 'population'
    end as ordre,
    population,
    population_millesime
from {{ ref('int_comptes_arrondis') }}
