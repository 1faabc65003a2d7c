-- Periods that a convention evaluates and that do not end with a year: each stands in its last one, and has no figure
-- without. Told, and never a reason to stop the night: a person corrects the plan.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ctg_conventions'}}}) }}
with periodes as (
    select
        convention_id,
        unnest(string_split(periodes_evaluees, ' ; ')) as periode
    from {{ ref('int_ctg_conventions') }}
    where version = 'V1'
)

select
    convention_id,
    periode
from periodes
where try_cast(right(periode, 4) as integer) is null
