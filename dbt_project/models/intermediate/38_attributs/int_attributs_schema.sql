-- The schéma petite enfance of a convention: the places it aims at, and the share of those that did open.
with places as (
    select *
    from {{ ref('int_sppe_places') }}
    where ajouts_non_chiffres = 0
)

select
    convention_id,
    annee as millesime,
    'nb_places_eaje_cible' as indicateur_id,
    places_maintenues + places_planifiees + places_annoncees_privees as valeur,
    null as numerateur,
    null as denominateur
from places
union all
select
    p.convention_id,
    p.annee as millesime,
    'taux_realisation_places_schema' as indicateur_id,
    null as valeur,
    p.places_ouvertes as numerateur,
    p.places_planifiees + p.places_annoncees_privees as denominateur
from places as p
inner join {{ ref('int_ctg_conventions') }} as c on p.convention_id = c.convention_id
-- Nothing is late before its year has come.
where p.annee <= c.millesime
