select
    {{ etiquette('t') }} as territoire,
    r.publiee_le,
    r.perimetre,
    case when t.demonstration then 'inventés, pour la démonstration' else 'publiés' end as chiffres,
    r.release_id,
    t.territoire_id
from marts.dim_territoire as t
cross join marts.dim_release as r
