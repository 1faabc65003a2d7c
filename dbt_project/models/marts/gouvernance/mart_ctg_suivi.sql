-- Each axe and each action of each convention of the scope, with its target, the latest figure of the warehouse, and
-- whether it is on its way. Nothing is judged where the plan does not say its start, its target and its date.
with dernieres as (
    -- The last year that has a figure, shown or not: an older figure would judge a target by a past state.
    -- mart_derniers_chiffres, which judges nothing, goes back to the last one shown and says what came since.
    select
        territoire_id,
        indicateur_id,
        valeur,
        borne_basse,
        borne_haute,
        millesime,
        statut
    from {{ ref('fct_indicateurs') }}
    where statut not in ('non_disponible', 'sans_objet') and valeur_texte is null
    qualify millesime = max(millesime) over (partition by territoire_id, indicateur_id)
),

lues as (
    select
        c.libelle as convention_libelle,
        c.version,
        c.territoire_id,
        s.*,
        i.indicateur_id is not null as connu,
        i.libelle as indicateur_libelle,
        i.unite,
        i.polarite,
        i.prevu,
        d.valeur,
        -- As they are printed: « 13,6 » reaches 13.6.
        {{ comme_imprime('d.borne_basse', 'i.decimales') }} as basse,
        coalesce(
            {{ comme_imprime('d.borne_haute', 'i.decimales') }}, if(d.valeur is null, null, cast('infinity' as double))
        ) as haute,
        d.millesime,
        d.statut as valeur_statut,
        -- Which way is better: the indicateur says, and where it does not, the target does. Neither way (0) where the
        -- target is to stay as one was.
        case i.polarite
            when 'favorable' then 1
            when 'defavorable' then -1
            else sign(s.cible - s.valeur_depart)
        end as sens,
        -- A figure is judged by the end of its interval that pleads against the verdict.
        if(sens < 0, haute, basse) as pire,
        if(sens < 0, basse, haute) as mieux
    from {{ ref('int_ctg_suivi') }} as s
    inner join {{ ref('ctg_conventions') }} as c on s.convention_id = c.convention_id
    left join {{ ref('indicateurs') }} as i on s.indicateur_id = i.indicateur_id
    left join dernieres as d on c.territoire_id = d.territoire_id and s.indicateur_id = d.indicateur_id
),

motives as (
    select
        *,
        case
            when indicateur_id is null then 'aucune_cible'
            when not connu then 'indicateur_inconnu'
            when cible is null then 'cible_non_enoncee'
            when echeance is null then 'echeance_non_enoncee'
            when valeur_depart is null or periode_depart is null then 'depart_non_enonce'
            when echeance <= periode_depart then 'echeance_avant_depart'
            when sens * (cible - valeur_depart) < 0 then 'cible_contraire'
            when millesime is null then 'sans_valeur'
            when valeur_statut = 'secret' then 'derniere_valeur_secrete'
            when prevu then 'valeur_prevue'
            when millesime < periode_depart then 'sans_valeur_depuis_le_depart'
        end as motif_code
    from lues
),

attendues as (
    select
        *,
        -- In a straight line from the start to the target, and the target from its date on.
        case
            when motif_code is null
                then
                    valeur_depart
                    + (cible - valeur_depart) * (least(millesime, echeance) - periode_depart)
                    / (echeance - periode_depart)
        end as valeur_attendue
    from motives
),

jugees as (
    select
        *,
        case
            when motif_code is not null then 'nd'
            -- Where neither way is better, only the target itself is as good as the target.
            when if(sens = 0, basse = cible and haute = cible, sens * (pire - cible) >= 0) then 'atteinte'
            when sens <> 0 and sens * (pire - valeur_attendue) >= 0 then 'en_bonne_voie'
            when if(sens = 0, cible not between basse and haute, sens * (mieux - valeur_attendue) < 0)
                then if(millesime >= echeance, 'non_atteinte', 'en_retard')
            else 'nd'
        end as situation,
        if(situation = 'nd', coalesce(motif_code, 'verdict_incertain'), null) as raison
    from attendues
)

select
    convention_id,
    convention_libelle,
    version,
    territoire_id,
    theme_id as theme,
    axe_id,
    cast(axe_numero as integer) as axe_numero,
    axe_libelle,
    action_id,
    intitule as action_intitule,
    pilote as action_pilote,
    action_statut,
    en_retard as action_en_retard,
    indicateur_id,
    indicateur_libelle,
    unite,
    polarite,
    cast(valeur_depart as double) as valeur_depart,
    if(valeur_depart is null, 'non_disponible', 'observe') as valeur_depart_statut,
    periode_depart,
    cast(cible as double) as cible,
    if(cible is null, 'non_disponible', 'observe') as cible_statut,
    echeance,
    valeur,
    millesime,
    coalesce(valeur_statut, 'non_disponible') as valeur_statut,
    cast(valeur_attendue as double) as valeur_attendue,
    if(valeur_attendue is null, 'non_disponible', 'observe') as valeur_attendue_statut,
    situation,
    raison as motif_code,
    case raison
        when 'aucune_cible' then 'aucune cible énoncée'
        when 'indicateur_inconnu' then 'indicateur absent du dictionnaire'
        when 'cible_non_enoncee' then 'cible non énoncée'
        when 'echeance_non_enoncee' then 'échéance non énoncée'
        when 'depart_non_enonce' then 'valeur de départ non énoncée'
        when 'echeance_avant_depart' then 'échéance antérieure au départ'
        when 'cible_contraire' then 'cible contraire au sens de l''indicateur'
        when 'sans_valeur' then 'aucune valeur dans l''entrepôt'
        when 'derniere_valeur_secrete' then 'dernière valeur secrète'
        when 'valeur_prevue' then 'dernière valeur prévue par un plan'
        when 'verdict_incertain' then 'dernière valeur trop incertaine pour juger'
        when 'sans_valeur_depuis_le_depart' then 'aucune valeur depuis le départ'
    end as motif,
    (select c.demonstration from {{ source('nuit', 'contexte') }} as c) as demonstration
from jugees
