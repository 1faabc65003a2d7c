-- The actions of a convention, as the plan now stands: shares of them, and counts of what some of them do. A figure
-- that one action without its statut or its end could change is not available, and says how many there are.
with actions as (
    select
        s.convention_id,
        s.action_id,
        c.millesime,
        any_value(s.action_statut) as statut,
        bool_or(s.en_retard) as en_retard,
        bool_or(s.cible is not null) as avec_cible,
        bool_or(s.theme_id = 'metiers_services_familles') as metiers
    from {{ ref('int_ctg_suivi') }} as s
    inner join {{ ref('int_ctg_conventions') }} as c on s.convention_id = c.convention_id
    where s.action_id is not null
    group by all
),

accompagnements as (
    -- Each action counts once, however many axes it serves.
    select distinct
        x.convention_id,
        a.millesime,
        a.action_id,
        a.structures_accompagnees
    from {{ ref('stg_ctg__actions') }} as a
    inner join {{ ref('stg_ctg__axes') }} as x on a.axe_id = x.axe_id
    where a.structures_accompagnees is not null
),

comptes as (
    {%- for indicateur_id, comptee, inconnue, manque in [
        ('part_actions_engagees', "statut in ('engagée', 'réalisée')", 'statut is null', "'sans statut'"),
        ('part_actions_avec_cible', 'avec_cible', 'false', 'null'),
        ('part_actions_en_retard', 'en_retard', 'en_retard is null', "'sans statut ou sans échéance'"),
    ] %}
        select
            convention_id,
            millesime,
            '{{ indicateur_id }}' as indicateur_id,
            cast(null as bigint) as valeur,
            count(*) filter (where {{ comptee }}) as numerateur,
            count(*) as denominateur,
            count(*) filter (where {{ inconnue }}) as inconnues,
            {{ manque }} as manque
        from actions
        group by all
        union all
    {%- endfor %}
    select
        convention_id,
        millesime,
        'nb_actions_promotion_metiers' as indicateur_id,
        count(*) filter (where statut in ('engagée', 'réalisée')) as valeur,
        null as numerateur,
        null as denominateur,
        count(*) filter (where statut is null) as inconnues,
        'sans statut' as manque
    from actions
    where metiers
    group by all
    union all
    select
        convention_id,
        millesime,
        'nb_structures_avs_accompagnees' as indicateur_id,
        sum(structures_accompagnees) as valeur,
        null as numerateur,
        null as denominateur,
        0 as inconnues,
        null as manque
    from accompagnements
    group by all
)

select
    convention_id,
    millesime,
    indicateur_id,
    if(inconnues = 0, valeur, null) as valeur,
    if(inconnues = 0, numerateur, null) as numerateur,
    if(inconnues = 0, denominateur, null) as denominateur,
    if(inconnues = 0, null, 'actions_non_renseignees') as motif_code,
    if(inconnues = 0, null, inconnues || if(inconnues = 1, ' action ', ' actions ') || manque) as motif
from comptes
