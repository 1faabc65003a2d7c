-- The région that the seed gives each département is that of its communes in the reference COG.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_communes_reference'}}}) }}
select
    c.departement,
    c.region,
    any_value(c.code) as commune
from {{ ref('int_communes_reference') }} as c
left join {{ ref('departements') }} as d on c.departement = d.departement
where d.region is distinct from c.region
group by all
