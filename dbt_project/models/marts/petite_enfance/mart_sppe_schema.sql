-- The schéma petite enfance of each convention, year by year, and the coverage it would lead to from each published
-- rate: added places over the children of the newest census known that year. A scenario, never an observation: everything
-- else is held constant, and a column says so.
with lues as (
    select
        territoire_id,
        millesime,
        indicateur_id,
        valeur,
        statut
    from {{ ref('fct_indicateurs') }}
    where indicateur_id in ('taux_couverture_petite_enfance', 'nb_enfants_moins_3_ans')
),

bases as (
    select
        t.territoire_id,
        t.millesime as millesime_base,
        t.valeur as taux_base,
        t.statut as statut_base,
        e.millesime as millesime_enfants,
        e.valeur as enfants,
        e.statut as statut_enfants
    from lues as t
    asof left join (select * from lues where indicateur_id = 'nb_enfants_moins_3_ans') as e
        on t.territoire_id = e.territoire_id and t.millesime >= e.millesime
    where t.indicateur_id = 'taux_couverture_petite_enfance' and t.statut <> 'non_disponible'
),

schemas as (
    select
        c.convention_id,
        c.libelle as convention_libelle,
        c.territoire_id,
        p.annee,
        p.places_maintenues,
        p.places_planifiees,
        p.places_annoncees_privees,
        p.places_planifiees + p.places_annoncees_privees as ajout,
        p.places_ouvertes,
        p.ajouts_non_chiffres,
        p.etudes,
        p.cout_previsionnel,
        b.millesime_base,
        b.taux_base,
        b.millesime_enfants,
        b.enfants,
        d.valeur as taux_departement,
        case
            when b.taux_base is null then 'taux de couverture non disponible'
            when coalesce(b.enfants, 0) = 0 then 'nombre d''enfants de moins de 3 ans non disponible'
        end as obstacle
    from {{ ref('int_sppe_places') }} as p
    inner join {{ ref('int_ctg_conventions') }} as c on p.convention_id = c.convention_id
    left join bases as b on c.territoire_id = b.territoire_id
    left join {{ ref('dim_territoire') }} as t on c.territoire_id = t.territoire_id
    left join lues as d
        on
            'departement:' || t.departement = d.territoire_id
            and b.millesime_base = d.millesime
            and d.indicateur_id = 'taux_couverture_petite_enfance'
)

select
    convention_id,
    convention_libelle,
    territoire_id,
    annee,
    millesime_base,
    cast(places_maintenues as bigint) as places_maintenues,
    cast(places_planifiees as bigint) as places_planifiees,
    cast(places_annoncees_privees as bigint) as places_annoncees_privees,
    cast(places_ouvertes as bigint) as places_ouvertes,
    cast(places_maintenues + ajout as bigint) as places_visees,
    cast(places_maintenues + places_planifiees as bigint) as places_visees_sans_prive,
    etudes,
    cast(cout_previsionnel as double) as cout_previsionnel,
    taux_base,
    millesime_enfants,
    enfants as enfants_moins_3_ans,
    if(obstacle is null, taux_base + 100 * cast(ajout as double) / enfants, null) as taux_scenario,
    if(obstacle is null, taux_base + 100 * cast(places_planifiees as double) / enfants, null) as taux_scenario_sans_prive,
    taux_departement,
    'enfants de moins de 3 ans, places existantes, accueil individuel et préscolarisation constants ; études non comptées'
        as hypotheses,
    case
        when obstacle is not null then 'non_disponible'
        when ajouts_non_chiffres > 0 then 'partiel'
        else 'observe'
    end as statut,
    case
        when obstacle is not null then obstacle
        when ajouts_non_chiffres > 0 then ajouts_non_chiffres || ' ouverture(s) sans nombre de places'
    end as motif,
    (select demonstration from {{ source('nuit', 'contexte') }}) as demonstration
from schemas
