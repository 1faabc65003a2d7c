-- What each convention set out to do: one line per axe, and one per action of an axe, with the target each sets itself
-- where it sets one. An action that serves two axes is under both.
with acteurs as (
    select * from {{ ref('stg_ctg__acteurs') }}
),

cibles as (
    select * from {{ ref('stg_ctg__indicateurs_cibles') }}
),

objets as (
    select
        axe_id,
        cast(null as varchar) as action_id,
        cast(null as varchar) as intitule,
        cast(null as varchar) as pilote,
        cast(null as varchar) as action_statut,
        cast(null as boolean) as en_retard,
        'axe' as objet,
        axe_id as objet_id
    from {{ ref('stg_ctg__axes') }}
    union all
    select
        a.axe_id,
        a.action_id,
        a.intitule,
        coalesce(p.nom, a.pilote) as pilote,
        a.statut as action_statut,
        -- Judged on the first day of the plan's year: nobody knows on which day of it the table was filled in. NULL
        -- where the end or the statut that would tell is not stated.
        a.fin < make_date(a.millesime, 1, 1) and a.statut in ('prévue', 'engagée') as en_retard,
        'action' as objet,
        a.action_id as objet_id
    from {{ ref('stg_ctg__actions') }} as a
    left join acteurs as p on a.pilote = p.acteur_id
)

select
    x.convention_id,
    x.theme_id,
    x.axe_id,
    x.numero as axe_numero,
    x.libelle as axe_libelle,
    o.action_id,
    o.intitule,
    o.pilote,
    o.action_statut,
    o.en_retard,
    c.indicateur_id,
    c.valeur_depart,
    c.periode_depart,
    c.cible,
    c.echeance
from objets as o
inner join {{ ref('stg_ctg__axes') }} as x on o.axe_id = x.axe_id
left join cibles as c on o.objet = c.objet and o.objet_id = c.objet_id
