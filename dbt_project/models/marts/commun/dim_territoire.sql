-- The territories that the release shows, in the reference geography: those of all the scopes of the night while the
-- whole is built and proved, then those of one scope at a time (orchestration/nuit/perimetres.py). The one model that
-- reads the scope: what depends on it is what is built again for the next.
select distinct
    t.niveau || ':' || t.code as territoire_id,
    t.niveau,
    t.code,
    t.libelle,
    t.departement,
    t.region,
    t.epci,
    t.epci_libelle,
    (select max(r.cog_millesime) from {{ ref('int_communes_reference') }} as r) as cog_millesime,
    c.demonstration
from {{ ref('int_territoires') }} as t
inner join {{ source('nuit', 'contexte') }} as c on list_contains(string_split(c.perimetre, ','), t.perimetre)
