-- The missions of the service public de la petite enfance of each convention of the scope.
select
    s.convention_id,
    s.mission_id,
    cast(s.ordre as integer) as ordre,
    s.libelle,
    s.axes
from {{ ref('int_ctg_missions_sppe') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
