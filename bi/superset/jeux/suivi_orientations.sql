select
    {{ etiquette('t') }} as territoire,
    h.theme_libelle,
    concat(o.axe_numero, '. ', o.axe_libelle) as axe_libelle,
    o.numero,
    o.libelle,
    case when o.hors_competence_caf then 'oui' else 'non' end as hors_competence_caf,
    h.theme_ordre,
    t.territoire_id,
    o.convention_id
from {{ concernes() }} as s
inner join marts.ctg_orientations as o on o.convention_id = s.convention_id
inner join marts.dim_territoire as t on t.territoire_id = s.territoire_id
left join {{ themes() }} as h on h.theme = o.theme
