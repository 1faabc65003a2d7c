-- The orientations of each convention under their axe.
select
    x.convention_id,
    x.theme_id,
    x.axe_id,
    x.numero as axe_numero,
    x.libelle as axe_libelle,
    o.numero,
    o.libelle,
    o.hors_competence_caf,
    o.clauses
from {{ ref('stg_ctg__orientations') }} as o
inner join {{ ref('stg_ctg__axes') }} as x on o.axe_id = x.axe_id
