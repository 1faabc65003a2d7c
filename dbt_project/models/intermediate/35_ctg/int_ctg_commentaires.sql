-- What authors write in portraits, in their order.
select * rename (numero as ordre)
from {{ ref('stg_ctg__commentaires') }}
