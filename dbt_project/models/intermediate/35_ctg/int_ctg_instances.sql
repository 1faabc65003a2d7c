-- The instances of each convention.
select
    instance_id,
    convention_id,
    type,
    theme_id,
    frequence_annuelle,
    composition,
    role
from {{ ref('stg_ctg__instances') }}
