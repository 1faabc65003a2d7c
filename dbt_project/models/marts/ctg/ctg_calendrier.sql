-- The operations of the schéma petite enfance of each convention of the scope; `mart_sppe_schema` adds their places up.
select
    s.operation_id,
    s.convention_id,
    if(s.code is null, c.ctg_id, t.territoire_id) as territoire_id,
    s.action_id,
    cast(s.annee_debut as integer) as annee_debut,
    cast(s.annee_fin as integer) as annee_fin,
    s.code,
    s.commune,
    s.structure,
    s.nature,
    s.financement,
    s.initiative,
    cast(s.places as integer) as places,
    s.statut as operation_statut,
    cast(s.cout_previsionnel as double) as cout_previsionnel,
    c.demonstration
from {{ ref('int_ctg_calendrier') }} as s
inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
left join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and s.code = t.code
