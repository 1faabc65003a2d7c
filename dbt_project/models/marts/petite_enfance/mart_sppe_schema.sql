-- The schéma petite enfance of each convention, year by year, and the coverage it would lead to from each published
-- rate: places added since then over the children of the newest census known that year. A scenario, never an
-- observation: everything else is held constant, and a column says so. No method that was tried tells the number of
-- children better than « as many as today » does (docs/projections.md): its bounds are how that number moved in the
-- past in the smallest départements, and a territory that moved more than they did is given none.
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

enfants as (
    select * from lues
    where indicateur_id = 'nb_enfants_moins_3_ans'
),

bases as (
    select
        t.territoire_id,
        t.millesime as millesime_base,
        t.valeur as taux_base,
        t.statut as taux_base_statut,
        e.millesime as millesime_enfants,
        e.valeur as enfants,
        e.statut as enfants_statut
    from lues as t
    asof left join enfants as e
        on t.territoire_id = e.territoire_id and t.millesime >= e.millesime
    where t.indicateur_id = 'taux_couverture_petite_enfance' and t.statut <> 'non_disponible'
),

-- The longest movement of the newest census, of which the past bounds are known.
mouvements as (
    select
        b.territoire_id,
        b.millesime_base,
        e.millesime_debut,
        e.millesime_fin,
        e.evolution_relative,
        e.evolution_relative not between p.baisse and p.hausse as hors_bornes
    from bases as b
    inner join {{ ref('mart_evolutions') }} as e
        on b.territoire_id = e.territoire_id and b.millesime_base >= e.millesime_fin
    inner join {{ ref('mouvements_passes') }} as p on e.millesime_fin - e.millesime_debut = p.annees
    where e.indicateur_id = 'nb_enfants_moins_3_ans' and e.evolution_relative is not null
    qualify
        1 = row_number() over (
            partition by b.territoire_id, b.millesime_base order by e.millesime_fin desc, e.millesime_debut asc
        )
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
        -- The plan of a year cannot say what opens after it.
        p.annee > c.millesime as a_venir,
        if(a_venir, null, p.places_ouvertes) as places_ouvertes,
        p.ajouts_non_chiffres,
        p.etudes,
        p.cout_previsionnel,
        p.places_planifiees + p.places_annoncees_privees as ajout,
        -- Places opened by the year of the rate are in the rate.
        p.places_planifiees - coalesce(o.places_planifiees, 0) as planifiees_depuis,
        p.places_annoncees_privees - coalesce(o.places_annoncees_privees, 0) as privees_depuis,
        planifiees_depuis + privees_depuis as ajout_depuis,
        p.ajouts_non_chiffres - coalesce(o.ajouts_non_chiffres, 0) as non_chiffres_depuis,
        b.millesime_base,
        b.taux_base,
        b.taux_base_statut,
        b.millesime_enfants,
        b.enfants,
        b.enfants_statut,
        n.millesime_debut as mouvement_debut,
        n.millesime_fin as mouvement_fin,
        n.evolution_relative as mouvement,
        n.hors_bornes,
        p.annee - b.millesime_base as annees_devant,
        -- Fewer children, a higher rate.
        1 / (1 + s.hausse / 100) as part_basse,
        1 / (1 + s.baisse / 100) as part_haute,
        s.baisse,
        s.hausse,
        d.valeur as taux_departement,
        coalesce(d.statut, 'non_disponible') as taux_departement_statut,
        -- A scenario is no better than what it starts from, nor than openings whose places nobody has counted. It has
        -- nothing to say of the years before it starts.
        greatest(
            {{ rang_statut("coalesce(b.taux_base_statut, 'non_disponible')") }},
            {{ rang_statut("coalesce(b.enfants_statut, 'non_disponible')") }},
            if(non_chiffres_depuis > 0, {{ rang_de('partiel') }}, {{ rang_de('observe') }}),
            if(b.enfants = 0 or p.annee < b.millesime_base, {{ rang_de('sans_objet') }}, {{ rang_de('observe') }})
        ) as rang
    from {{ ref('int_sppe_places') }} as p
    inner join {{ ref('int_ctg_conventions') }} as c on p.convention_id = c.convention_id
    -- Those of the scope alone.
    semi join {{ ref('ctg_conventions') }} as v on p.convention_id = v.convention_id
    left join bases as b on c.territoire_id = b.territoire_id
    left join mouvements as n on b.territoire_id = n.territoire_id and b.millesime_base = n.millesime_base
    left join {{ ref('mouvements_passes') }} as s on p.annee - b.millesime_base = s.annees
    asof left join {{ ref('int_sppe_places') }} as o
        on p.convention_id = o.convention_id and b.millesime_base >= o.annee
    left join {{ ref('dim_territoire') }} as t on c.territoire_id = t.territoire_id
    left join lues as d
        on
            'departement:' || t.departement = d.territoire_id
            and b.millesime_base = d.millesime
            and d.indicateur_id = 'taux_couverture_petite_enfance'
),

bornees as (
    select
        *,
        if({{ montre('rang') }}, taux_base + 100 * cast(ajout_depuis as double) / enfants, null) as taux_scenario,
        hors_bornes is not true as bornee
    from schemas
)

select
    convention_id,
    convention_libelle,
    territoire_id,
    annee,
    millesime_base,
    cast(places_maintenues as bigint) as places_maintenues,
    if(places_maintenues is null, 'non_disponible', 'observe') as places_maintenues_statut,
    cast(places_planifiees as bigint) as places_planifiees,
    cast(places_annoncees_privees as bigint) as places_annoncees_privees,
    cast(places_ouvertes as bigint) as places_ouvertes,
    if(a_venir, 'sans_objet', 'observe') as places_ouvertes_statut,
    if(a_venir, 'à venir', null) as places_ouvertes_motif,
    cast(places_maintenues + ajout as bigint) as places_visees,
    case
        when places_maintenues is null then 'non_disponible'
        when ajouts_non_chiffres > 0 then 'partiel'
        else 'observe'
    end as places_visees_statut,
    etudes,
    cast(cout_previsionnel as double) as cout_previsionnel,
    if(cout_previsionnel is null, 'non_disponible', 'observe') as cout_previsionnel_statut,
    taux_base,
    coalesce(taux_base_statut, 'non_disponible') as taux_base_statut,
    millesime_enfants,
    enfants as enfants_moins_3_ans,
    coalesce(enfants_statut, 'non_disponible') as enfants_moins_3_ans_statut,
    taux_scenario,
    {{ statut_du_rang('rang') }} as taux_scenario_statut,
    if({{ montre('rang') }}, taux_base + 100 * cast(planifiees_depuis as double) / enfants, null)
        as taux_scenario_sans_prive,
    {{ statut_du_rang('rang') }} as taux_scenario_sans_prive_statut,
    if(bornee, round(taux_scenario * part_basse, 9), null) as taux_scenario_borne_basse,
    if(bornee, round(taux_scenario * part_haute, 9), null) as taux_scenario_borne_haute,
    case
        when taux_scenario is null or annees_devant = 0 then null
        when hors_bornes
            then
                'Pas de prévision du nombre d''enfants : de '
                || mouvement_debut
                || ' à '
                || mouvement_fin
                || ', il a changé ici de '
                || {{ nombre_affiche('mouvement', '1', 'true') }}
                || '{{ espace_fine() }}%, plus que neuf fois sur dix dans les départements les moins peuplés'
        when baisse is null then 'Pas de prévision du nombre d''enfants à ' || annees_devant || ' ans'
        else
            'Le nombre d''enfants peut changer : en '
            || annees_devant
            || if(annees_devant = 1, ' an', ' ans')
            || ', celui des départements les moins peuplés a bougé, neuf fois sur dix, entre '
            || {{ nombre_affiche('baisse', '1', 'true') }}
            || ' et '
            || {{ nombre_affiche('hausse', '1', 'true') }}
            || '{{ espace_fine() }}% (1990-2021)'
    end as prevision,
    taux_departement,
    taux_departement_statut,
    'places existantes, accueil individuel, préscolarisation et nombre d''enfants de moins de 3 ans ; les études ne '
    || 'comptent aucune place' as hypotheses,
    case
        when annee < millesime_base then 'annee_anterieure'
        when taux_base is null then 'taux_non_disponible'
        when enfants is null then 'enfants_non_disponibles'
        when enfants = 0 then 'aucun_enfant'
        when non_chiffres_depuis > 0 then 'ouvertures_non_chiffrees'
        when 'partiel' in (taux_base_statut, enfants_statut) then 'terme_partiel'
    end as motif_code,
    case motif_code
        when 'annee_anterieure' then 'année antérieure au taux de départ'
        when 'taux_non_disponible' then 'taux de couverture non disponible'
        when 'enfants_non_disponibles' then 'nombre d''enfants de moins de 3 ans non disponible'
        when 'aucun_enfant' then 'aucun enfant de moins de 3 ans'
        when 'terme_partiel' then 'taux de couverture ou nombre d''enfants connu en partie'
        when 'ouvertures_non_chiffrees' then non_chiffres_depuis || ' ouverture(s) sans nombre de places'
    end as motif,
    (select c.demonstration from {{ source('nuit', 'contexte') }} as c) as demonstration
from bornees
