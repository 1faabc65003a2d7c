-- The missions of the service public de la petite enfance of each convention, in the order the law lists them.
select
    m.convention_id,
    m.mission_id,
    list_position(['recenser', 'informer', 'planifier', 'soutenir_qualite'], m.mission_id) as ordre,
    m.libelle,
    m.axes
from {{ ref('stg_ctg__missions_sppe') }} as m
inner join {{ ref('int_ctg_conventions') }} as c on m.convention_id = c.convention_id
