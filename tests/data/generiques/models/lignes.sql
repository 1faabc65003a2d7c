select *
from {{ ref('faites') }}
