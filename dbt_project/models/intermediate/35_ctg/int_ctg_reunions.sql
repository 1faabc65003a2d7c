-- The meetings of the instances.
select
    r.instance_id,
    i.convention_id,
    r.jour,
    r.tenue
from {{ ref('stg_ctg__reunions') }} as r
inner join {{ ref('int_ctg_instances') }} as i on r.instance_id = i.instance_id
