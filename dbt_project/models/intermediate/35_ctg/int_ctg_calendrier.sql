-- The operations of the schéma petite enfance, each with the commune of today it takes place in. A commune that was
-- split since has no single heir: the code of the plan stays, with the name it has today.
select
    o.operation_id,
    o.convention_id,
    o.action_id,
    o.annee_debut,
    o.annee_fin,
    coalesce(p.code_reference, o.code) as code,
    r.libelle as commune,
    o.structure,
    o.nature,
    o.financement,
    o.initiative,
    o.places,
    o.statut,
    o.cout_previsionnel
from {{ ref('stg_ctg__calendrier') }} as o
inner join {{ ref('int_ctg_conventions') }} as c on o.convention_id = c.convention_id
left join {{ ref('int_passage') }} as p
    on o.cog_millesime = p.cog_millesime and o.code = p.code_origine and p.nb_heritiers = 1
left join {{ ref('int_communes_reference') }} as r on coalesce(p.code_reference, o.code) = r.code
