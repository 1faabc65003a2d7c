-- Corsica and overseas: the département read in the code of a commune is the one Insee gives it.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_cog_annuel'}}}) }}
select
    a.cog_millesime,
    a.code,
    a.departement,
    c.departement as departement_insee
from {{ ref('int_cog_annuel') }} as a
inner join {{ ref('stg_insee__cog_communes') }} as c on a.cog_millesime = c.cog_millesime and a.code = c.code
where a.departement is distinct from c.departement
