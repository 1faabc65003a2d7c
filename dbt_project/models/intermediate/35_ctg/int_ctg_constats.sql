-- What the evaluation of each convention observed, in its order.
select
    convention_id,
    numero as ordre,
    theme_id,
    nature,
    texte
from {{ ref('stg_ctg__constats') }}
