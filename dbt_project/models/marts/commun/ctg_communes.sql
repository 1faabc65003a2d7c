-- The communes of each CTG of the scope, in the reference geography: what every sum at level `ctg` is made of.
select
    t.territoire_id,
    'commune:' || c.code as commune_id,
    c.code,
    c.entiere,
    c.epci_identique,
    t.cog_millesime
from {{ ref('int_ctg_communes') }} as c
inner join {{ ref('dim_territoire') }} as t on t.niveau = 'ctg' and c.convention_id = t.code
