select
    {{ etiquette('t') }} as territoire,
    m.ordre,
    m.libelle,
    coalesce(m.axes, '') as axes,
    t.territoire_id,
    m.convention_id,
    m.mission_id
from {{ concernes() }} as s
inner join marts.ctg_missions_sppe as m on m.convention_id = s.convention_id
inner join marts.dim_territoire as t on t.territoire_id = s.territoire_id
