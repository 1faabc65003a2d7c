-- The meetings of the instances of the scope: a day, and whether it was held.
select
    s.instance_id,
    s.convention_id,
    s.jour,
    s.tenue
from {{ ref('int_ctg_reunions') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
