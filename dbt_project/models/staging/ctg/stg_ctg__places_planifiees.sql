-- The schéma petite enfance counted by commune: places of an opening in the year it opens, studies in every year they
-- last. A study never counts as places; an operation without a commune only counts for the convention.
with operations as (
    select * from {{ dernier_etat('calendrier') }}
),

comptes as (
    select
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        annee_fin as millesime,
        'places_' || financement || '_planifiees' as mesure_id,
        places as apport
    from operations
    where
        nature in ('extension', 'ouverture')
        and statut in ('planifié', 'annoncé', 'ouvert')
        and financement is not null
    union all
    select
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        unnest(range(annee_debut, annee_fin + 1)) as millesime,
        'etudes_accueil' as mesure_id,
        1 as apport
    from operations
    where nature = 'étude' and statut <> 'abandonné'
)

select
    'ctg_plan_actions' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    cast(millesime as integer) as millesime,
    mesure_id,
    case when bool_and(apport is not null) then cast(sum(apport) as decimal(30, 15)) end as valeur,
    case when bool_or(apport is null) then 'manquant' end as marque,
    false as arrondi
from comptes
where code is not null
group by all
