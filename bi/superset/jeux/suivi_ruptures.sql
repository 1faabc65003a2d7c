select
    {{ etiquette('t') }} as territoire,
    i.libelle as indicateur,
    r.millesime,
    {{ mot('r.nature', natures) }} as nature,
    r.detail,
    t.territoire_id,
    i.indicateur_id
from marts.ruptures_series as r
inner join marts.dim_territoire as t
    on t.niveau = r.niveau and coalesce(r.territoire_id, t.territoire_id) = t.territoire_id
inner join marts.dim_indicateur as i on coalesce(r.indicateur_id, i.indicateur_id) = i.indicateur_id
