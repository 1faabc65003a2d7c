-- What the evaluation of each convention observed, in its order.
select
    c.convention_id,
    c.numero as ordre,
    c.theme_id,
    c.nature,
    c.texte
from {{ ref('stg_ctg__constats') }} as c
inner join {{ ref('int_ctg_conventions') }} as v on c.convention_id = v.convention_id
