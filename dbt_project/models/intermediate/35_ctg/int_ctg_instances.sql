-- The instances of each convention.
select
    i.instance_id,
    i.convention_id,
    i.type,
    i.theme_id,
    i.frequence_annuelle,
    i.composition,
    i.role
from {{ ref('stg_ctg__instances') }} as i
inner join {{ ref('int_ctg_conventions') }} as c on i.convention_id = c.convention_id
