-- Along which communes each file of persons was rounded: whoever has a release can compute its certificate again.
-- Whole, in every scope: a chain that is cut would say nothing of its ends.
select distinct
    source_id,
    millesime,
    cast(departement as varchar) as departement,
    rang,
    code,
    cog_millesime
from {{ ref('int_comptes_arrondis') }}
