-- The instances of each convention of the scope.
select
    s.instance_id,
    s.convention_id,
    s.type,
    s.theme_id as theme,
    cast(s.frequence_annuelle as double) as frequence_annuelle,
    s.composition,
    s.role
from {{ ref('int_ctg_instances') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
