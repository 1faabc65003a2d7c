-- Equipments that are a mesure, by commune. The file repeats each type in its sub-domain, its domain and the whole
-- (type _T): only the types are counted, and a code is a type of its own vintage alone.
select
    'insee_bpe' as source_id,
    b.fichier_sha256,
    b.millesime_fichier,
    'commune' as niveau,
    b.code,
    b.cog_millesime,
    b.annee as millesime,
    t.mesure_id,
    cast(b.equipements as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque,
    false as arrondi
from {{ source('normalised', 'insee_bpe__communes') }} as b
inner join {{ ref('bpe_types') }} as t on b.annee = t.millesime and b.type_equipement = t.type_equipement
qualify b.millesime_fichier = max(b.millesime_fichier) over (partition by b.annee)
