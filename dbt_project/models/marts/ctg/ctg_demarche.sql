-- What the documents of each convention of the scope tell of its making: why, its calendar, decisions, what comes next.
select
    s.convention_id,
    cast(s.ordre as integer) as ordre,
    s.nature,
    s.texte,
    s.jour,
    s.periode,
    s.etat,
    s.acteur
from {{ ref('int_ctg_demarche') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
