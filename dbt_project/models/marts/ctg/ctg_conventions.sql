-- The conventions of the scope, as their documents state them.
select
    v.convention_id,
    t.territoire_id as ctg_id,
    v.territoire_id,
    v.libelle,
    v.version,
    v.statut as convention_statut,
    cast(v.annee_signature as integer) as annee_signature,
    v.date_debut,
    v.date_fin,
    cast(v.duree_annees as integer) as duree_annees,
    cast(v.annee_debut as integer) as annee_debut,
    cast(v.annee_fin as integer) as annee_fin,
    cast(v.annee_prolongation as integer) as annee_prolongation,
    cast(v.duree_prolongation as integer) as duree_prolongation,
    v.periodes_evaluees,
    cast(v.annee_base as integer) as annee_base,
    v.signataires,
    (select c.demonstration from {{ source('nuit', 'contexte') }} as c) as demonstration
from {{ ref('int_ctg_conventions') }} as v
inner join {{ ref('dim_territoire') }} as t on t.niveau = 'ctg' and v.convention_id = t.code
