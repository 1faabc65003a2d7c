-- The missions of the service public de la petite enfance of each convention, in the order the law lists them.
select
    convention_id,
    mission_id,
    list_position(['recenser', 'informer', 'planifier', 'soutenir_qualite'], mission_id) as ordre,
    libelle,
    axes
from {{ ref('stg_ctg__missions_sppe') }}
