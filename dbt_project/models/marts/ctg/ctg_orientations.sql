-- The orientations of each convention of the scope, under their axe.
select
    s.convention_id,
    s.theme_id as theme,
    s.axe_id,
    cast(s.axe_numero as integer) as axe_numero,
    s.axe_libelle,
    cast(s.numero as integer) as numero,
    s.libelle,
    s.hors_competence_caf,
    s.clauses
from {{ ref('int_ctg_orientations') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
