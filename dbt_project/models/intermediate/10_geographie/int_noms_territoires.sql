-- Names that people ask for and that have no figure of their own, each with the territory whose figures hold theirs: an
-- arrondissement municipal with its commune, an établissement public territorial with the EPCI of its communes.
select
    a.code,
    a.libelle,
    'arrondissement_municipal' as nature,
    'commune:' || a.commune_parente as territoire_id,
    cast(null as varchar) as communes
from {{ ref('stg_insee__cog_arrondissements') }} as a
union all
select
    e.ept as code,
    any_value(e.ept_libelle) as libelle,
    'etablissement_public_territorial' as nature,
    'epci:' || min(r.epci) as territoire_id,
    array_to_string(list_sort(list(distinct r.libelle || ' (' || r.code || ')')), ', ') as communes
from {{ ref('stg_insee__ept') }} as e
inner join {{ ref('int_passage') }} as p on e.cog_millesime = p.cog_millesime and e.code = p.code_origine
inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
where e.millesime = (select max(d.millesime) from {{ ref('stg_insee__ept') }} as d)
group by e.ept
-- Of communes in two EPCI, no one EPCI can be told.
having count(distinct r.epci) = 1
