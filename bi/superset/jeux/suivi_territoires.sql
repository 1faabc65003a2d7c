select
    {{ etiquette('t') }} as territoire,
    t.niveau,
    t.libelle,
    t.territoire_id
from marts.dim_territoire as t
