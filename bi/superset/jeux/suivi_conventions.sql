select
    {{ etiquette('t') }} as territoire,
    c.libelle,
    c.convention_statut,
    c.annee_debut,
    c.annee_fin,
    c.annee_base,
    c.signataires,
    c.demonstration,
    t.territoire_id,
    c.convention_id
from {{ concernes() }} as s
inner join marts.ctg_conventions as c on c.convention_id = s.convention_id
inner join marts.dim_territoire as t on t.territoire_id = s.territoire_id
