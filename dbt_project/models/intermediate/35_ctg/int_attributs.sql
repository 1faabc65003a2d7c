-- Facts of a convention that do not add up: years, dates, durations, frequencies, counts of its objects and shares of
-- its actions. At the CTG, and at the EPCI where it is the same communes. What the documents do not state has no line.
-- What holds for the whole convention has a line for each year it holds.
with conventions as (
    select * from {{ ref('int_ctg_conventions') }}
),

en_vigueur as (
    select
        *,
        cast(unnest(range(annee_debut, annee_fin + 1)) as integer) as annee
    from conventions
),

-- -- the convention itself -------------------------------------------------------------------------
periodes as (
    select
        convention_id,
        unnest(string_split(periodes_evaluees, ' ; ')) as periode
    from conventions
    where version = 'V1'
),

de_la_convention as (
    select
        convention_id,
        annee_signature as millesime,
        'ctg_annee_signature' as indicateur_id,
        cast(annee_signature as decimal(30, 15)) as valeur,
        cast(null as varchar) as valeur_texte
    from conventions
    where version = 'V1'
    union all
    select
        convention_id,
        annee_debut as millesime,
        'ctg_duree_initiale' as indicateur_id,
        duree_annees as valeur,
        null as valeur_texte
    from conventions
    where version = 'V1'
    union all
    select
        convention_id,
        annee_prolongation as millesime,
        'ctg_prolongation' as indicateur_id,
        duree_prolongation as valeur,
        null as valeur_texte
    from conventions
    where version = 'V1'
    union all
    -- Each period stands in its last year.
    select
        convention_id,
        try_cast(right(periode, 4) as integer) as millesime,
        'ctg_evaluation_periode' as indicateur_id,
        null as valeur,
        periode as valeur_texte
    from periodes
    union all
    -- Work already done when the convention starts.
    select
        convention_id,
        annee_debut - 1 as millesime,
        'ctg_anciennete_declaree' as indicateur_id,
        anciennete_annees as valeur,
        null as valeur_texte
    from conventions
    union all
    select
        convention_id,
        year(date_debut) as millesime,
        'ctg_v2_debut' as indicateur_id,
        null as valeur,
        strftime(date_debut, '%Y-%m-%d') as valeur_texte
    from conventions
    where version = 'V2'
    union all
    select
        convention_id,
        year(date_fin) as millesime,
        'ctg_v2_fin' as indicateur_id,
        null as valeur,
        strftime(date_fin, '%Y-%m-%d') as valeur_texte
    from conventions
    where version = 'V2'
    union all
    select
        convention_id,
        annee as millesime,
        'ctg_v2_duree' as indicateur_id,
        year(date_fin) - year(date_debut) + 1 as valeur,
        null as valeur_texte
    from en_vigueur
    where version = 'V2'
),

-- -- its instances ---------------------------------------------------------------------------------
instances as (
    select
        *,
        case type when 'comité de pilotage' then 'copil' when 'comité technique' then 'cotech' end as sigle
    from {{ ref('stg_ctg__instances') }}
    where type <> 'réseau thématique'
),

des_instances as (
    select
        i.convention_id,
        v.annee as millesime,
        'ctg_' || i.sigle || '_frequence' as indicateur_id,
        i.frequence_annuelle as valeur
    from instances as i
    inner join en_vigueur as v on i.convention_id = v.convention_id
    union all
    -- A year without any line is a year nobody filled in, not a year without a meeting.
    select
        i.convention_id,
        year(r.jour) as millesime,
        'nb_' || i.sigle || '_tenus' as indicateur_id,
        count(*) filter (where r.tenue) as valeur
    from instances as i
    inner join {{ ref('stg_ctg__reunions') }} as r on i.instance_id = r.instance_id
    group by all
),

-- -- its objects, in each year it holds --------------------------------------------------------------
objets as (
    select
        convention_id,
        'nb_missions_sppe' as indicateur_id,
        count(*) as valeur,
        cast(null as varchar) as valeur_texte
    from {{ ref('stg_ctg__missions_sppe') }}
    group by convention_id
    union all
    select
        convention_id,
        'nb_echelles_politique_jeunesse' as indicateur_id,
        count(distinct echelle) as valeur,
        null as valeur_texte
    from {{ ref('stg_ctg__politiques') }}
    where theme_id = 'enfance_jeunesse'
    group by convention_id
    union all
    select
        convention_id,
        'schema_petite_enfance_periode' as indicateur_id,
        null as valeur,
        min(annee_debut) || '-' || max(annee_fin) as valeur_texte
    from {{ ref('stg_ctg__calendrier') }}
    group by convention_id
),

-- -- its actions, as the plan now stands -----------------------------------------------------------
actions as (
    select
        s.convention_id,
        s.action_id,
        c.millesime,
        any_value(s.action_statut) as statut,
        bool_or(s.en_retard) as en_retard,
        bool_or(s.cible is not null) as avec_cible,
        bool_or(s.theme_id = 'metiers_services_familles') as metiers
    from {{ ref('int_ctg_suivi') }} as s
    inner join conventions as c on s.convention_id = c.convention_id
    where s.action_id is not null
    group by all
),

rapports as (
    select
        convention_id,
        millesime,
        'part_actions_engagees' as indicateur_id,
        count(*) filter (where statut in ('engagée', 'réalisée')) as numerateur,
        count(*) as denominateur
    from actions
    group by all
    union all
    select
        convention_id,
        millesime,
        'part_actions_avec_cible' as indicateur_id,
        count(*) filter (where avec_cible) as numerateur,
        count(*) as denominateur
    from actions
    group by all
    union all
    select
        convention_id,
        millesime,
        'part_actions_en_retard' as indicateur_id,
        count(*) filter (where en_retard) as numerateur,
        count(*) as denominateur
    from actions
    group by all
    union all
    select
        p.convention_id,
        p.annee as millesime,
        'taux_realisation_places_schema' as indicateur_id,
        p.places_ouvertes as numerateur,
        p.places_planifiees + p.places_annoncees_privees as denominateur
    from {{ ref('int_sppe_places') }} as p
    inner join conventions as c on p.convention_id = c.convention_id
    -- Nothing is late before its year has come.
    where p.annee <= c.millesime and p.ajouts_non_chiffres = 0
    union all
    select
        convention_id,
        annee as millesime,
        'taux_execution_financement' as indicateur_id,
        sum(montant_paye) as numerateur,
        sum(montant_engage) as denominateur
    from {{ ref('stg_ctg__financements') }}
    group by all
    having bool_and(montant_paye is not null and montant_engage is not null)
),

comptes as (
    select
        convention_id,
        millesime,
        'nb_actions_promotion_metiers' as indicateur_id,
        count(*) filter (where statut in ('engagée', 'réalisée')) as valeur
    from actions
    where metiers
    group by all
    union all
    select
        convention_id,
        millesime,
        'nb_structures_avs_accompagnees' as indicateur_id,
        sum(structures_accompagnees) as valeur
    from (
        -- Once each, however many axes it serves.
        select distinct
            x.convention_id,
            a.millesime,
            a.action_id,
            a.structures_accompagnees
        from {{ ref('stg_ctg__actions') }} as a
        inner join {{ ref('stg_ctg__axes') }} as x on a.axe_id = x.axe_id
        where a.structures_accompagnees is not null
    )
    group by all
    union all
    select
        convention_id,
        annee as millesime,
        'nb_places_eaje_cible' as indicateur_id,
        places_maintenues + places_planifiees + places_annoncees_privees as valeur
    from {{ ref('int_sppe_places') }}
    where ajouts_non_chiffres = 0
),

faits as (
    select
        convention_id,
        millesime,
        indicateur_id,
        valeur,
        valeur_texte,
        cast(null as decimal(30, 15)) as numerateur,
        cast(null as decimal(30, 15)) as denominateur
    from de_la_convention
    union all
    select
        convention_id,
        millesime,
        indicateur_id,
        valeur,
        null as valeur_texte,
        null as numerateur,
        null as denominateur
    from des_instances
    union all
    select
        o.convention_id,
        v.annee as millesime,
        o.indicateur_id,
        o.valeur,
        o.valeur_texte,
        null as numerateur,
        null as denominateur
    from objets as o
    inner join en_vigueur as v on o.convention_id = v.convention_id
    union all
    select
        convention_id,
        millesime,
        indicateur_id,
        100 * cast(numerateur as decimal(30, 15)) / nullif(denominateur, 0) as valeur,
        null as valeur_texte,
        numerateur,
        denominateur
    from rapports
    union all
    select
        convention_id,
        millesime,
        indicateur_id,
        valeur,
        null as valeur_texte,
        null as numerateur,
        null as denominateur
    from comptes
),

niveaux as (
    select
        'ctg' as niveau,
        convention_id as code,
        convention_id
    from conventions
    union all
    select
        'epci' as niveau,
        epci_identique as code,
        convention_id
    from conventions
    where epci_identique is not null
),

des_conventions as (
    select
        n.niveau,
        n.code,
        f.millesime,
        f.indicateur_id,
        f.valeur,
        f.valeur_texte,
        f.numerateur,
        f.denominateur
    from faits as f
    inner join niveaux as n on f.convention_id = n.convention_id
    inner join conventions as c on f.convention_id = c.convention_id
    where
        f.millesime is not null
        and (f.valeur is not null or f.valeur_texte is not null or f.denominateur = 0)
    -- Two conventions may hold one EPCI in one year: the later one speaks.
    qualify
        row_number() over (
            partition by n.niveau, n.code, f.millesime, f.indicateur_id
            order by c.annee_debut desc nulls last, f.convention_id desc
        ) = 1
),

-- -- what the register of the Caf dates -------------------------------------------------------------
agrements as (
    select
        r.niveau,
        r.code,
        a.millesime,
        min(a.agrement_fin) as prochaine,
        count(*) filter (where a.agrement_fin is null) as inconnues
    from {{ ref('stg_caf__agrements') }} as a
    inner join {{ ref('int_rattachement') }} as r on a.cog_millesime = r.cog_millesime and a.code = r.code_origine
    where
        r.niveau in ('commune', 'epci', 'ctg') and r.unique_a_ce_niveau
        and (a.agrement_fin is null or a.agrement_fin >= make_date(a.millesime, 12, 31))
    group by all
)

select
    niveau,
    code,
    cast(millesime as integer) as millesime,
    indicateur_id,
    cast(valeur as double) as valeur,
    valeur_texte,
    cast(if(denominateur = 0, null, numerateur) as double) as numerateur,
    cast(nullif(denominateur, 0) as double) as denominateur,
    if(denominateur = 0, 'sans_objet', 'observe') as statut,
    if(denominateur = 0, 'rien_de_prevu', null) as motif_code,
    if(denominateur = 0, 'rien de prévu à cette date', null) as motif,
    'ctg_plan_actions' as source_id
from des_conventions
union all
select
    niveau,
    code,
    millesime,
    'prochaine_echeance_agrement' as indicateur_id,
    null as valeur,
    strftime(prochaine, '%Y-%m-%d') as valeur_texte,
    null as numerateur,
    null as denominateur,
    case when prochaine is null then 'non_disponible' when inconnues > 0 then 'partiel' else 'observe' end as statut,
    if(prochaine is null or inconnues > 0, 'echeance_inconnue', null) as motif_code,
    case
        when prochaine is null then 'échéance non renseignée'
        when inconnues > 0 then 'échéance non renseignée pour ' || inconnues || ' structure(s)'
    end as motif,
    'caf_equipements' as source_id
from agrements
union all
select
    'departement' as niveau,
    departement as code,
    cast(annee as integer) as millesime,
    'nb_axes_plan_departemental' as indicateur_id,
    count(*) as valeur,
    null as valeur_texte,
    null as numerateur,
    null as denominateur,
    'observe' as statut,
    null as motif_code,
    null as motif,
    'ctg_plan_actions' as source_id
from {{ ref('stg_ctg__axes_departementaux') }}
group by departement, annee
