-- The convention itself: its signature, durations, dates, the periods it evaluates. What the documents do not state has
-- no line here or has an empty one, which int_attributs drops.
with conventions as (
    select * from {{ ref('int_ctg_conventions') }}
),

periodes as (
    select
        convention_id,
        unnest(string_split(periodes_evaluees, ' ; ')) as periode
    from conventions
    where version = 'V1'
)

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
    c.convention_id,
    a.annee as millesime,
    'ctg_v2_duree' as indicateur_id,
    date_sub('month', c.date_debut, c.date_fin + interval 1 day) / 12 as valeur,
    null as valeur_texte
from conventions as c
inner join {{ ref('int_ctg_annees') }} as a on c.convention_id = a.convention_id
where c.version = 'V2'
