-- Communes of which the extract holds foyers and that its mapping does not say it covers: they count nowhere. Told, and
-- never a reason to stop the night: the Caf widens `couverture`, or leaves them out.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_extrait_communes'}}}) }}
with communes as (
    select
        millesime,
        fichier_sha256,
        code
    from {{ ref('int_extrait_comptes') }}
    union all
    select
        millesime,
        fichier_sha256,
        code
    from {{ ref('stg_caf__extrait_geles_communes') }}
)

select distinct
    m.millesime,
    m.code
from communes as m
left join {{ ref('int_extrait_communes') }} as c on m.fichier_sha256 = c.fichier_sha256 and m.code = c.code
where c.code is null
