-- The schéma petite enfance of each convention, year by year: the stock maintained, the places opened by then and those
-- that only a study speaks of. A planned place counts from the year it opens; private ones, announced, are apart.
with operations as (
    select
        *,
        nature = 'maintien' as maintenue,
        nature in ('extension', 'ouverture') and statut in ('planifié', 'annoncé', 'ouvert') as ajout
    from {{ ref('stg_ctg__calendrier') }}
    where statut <> 'abandonné'
),

annees as (
    select
        convention_id,
        cast(unnest(range(min(annee_debut), max(annee_fin) + 1)) as integer) as annee
    from operations
    group by convention_id
)

select
    a.convention_id,
    a.annee,
    -- A stock with an uncounted part has no total.
    case
        when bool_and(o.places is not null) filter (where o.maintenue and a.annee between o.annee_debut and o.annee_fin)
            then sum(o.places) filter (where o.maintenue and a.annee between o.annee_debut and o.annee_fin)
    end as places_maintenues,
    coalesce(
        sum(o.places) filter (where o.ajout and o.annee_fin <= a.annee and o.initiative is distinct from 'privée'), 0
    ) as places_planifiees,
    coalesce(sum(o.places) filter (where o.ajout and o.annee_fin <= a.annee and o.initiative = 'privée'), 0)
        as places_annoncees_privees,
    coalesce(sum(o.places) filter (where o.ajout and o.annee_fin <= a.annee and o.statut = 'ouvert'), 0)
        as places_ouvertes,
    count(*) filter (where o.ajout and o.annee_fin <= a.annee and o.places is null) as ajouts_non_chiffres,
    count(*) filter (where o.statut = 'étude' and a.annee between o.annee_debut and o.annee_fin) as etudes,
    -- A schéma whose cost is only partly stated has no total.
    case
        when bool_and(o.cout_previsionnel is not null) filter (where o.ajout)
            then sum(o.cout_previsionnel) filter (where o.ajout)
    end as cout_previsionnel
from annees as a
inner join operations as o on a.convention_id = o.convention_id
group by all
