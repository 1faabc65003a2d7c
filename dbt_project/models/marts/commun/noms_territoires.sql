-- Names that have no figure of their own, where the territory whose figures hold theirs is in the scope.
select
    n.code,
    n.libelle,
    n.nature,
    n.territoire_id,
    t.libelle as territoire_libelle,
    n.communes
from {{ ref('int_noms_sans_chiffre') }} as n
inner join {{ ref('dim_territoire') }} as t on n.territoire_id = t.territoire_id
