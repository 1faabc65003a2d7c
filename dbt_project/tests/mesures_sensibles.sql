-- A mesure that micro-data or a register gives says whether everybody may be told to have it; no default decides it.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'mesures'}}}) }}
select
    m.mesure_id,
    'write oui or non in the column sensible of its line of seeds/mesures.csv' as a_faire
from {{ ref('mesures') }} as m
where
    m.sensible is null
    and (
        m.contributeurs is not null
        or exists (
            select 1
            from {{ ref('int_sources') }} as s
            where s.diffusion = 'micro' and list_contains(string_split(m.sources, ' > '), s.source_id)
        )
    )
