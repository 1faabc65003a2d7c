-- Facts that do not add up, one model a subject: those of a convention are carried to the CTG, and to the EPCI where it
-- is the same communes. A fact that the documents do not state has no line, unless its model says why; a share of
-- nothing is sans objet.
with faits as (
    select * from {{ ref('int_attributs_convention') }}
    union all by name
    select * from {{ ref('int_attributs_instances') }}
    union all by name
    select * from {{ ref('int_attributs_objets') }}
    union all by name
    select * from {{ ref('int_attributs_actions') }}
    union all by name
    select * from {{ ref('int_attributs_schema') }}
    union all by name
    select * from {{ ref('int_attributs_financements') }}
),

mesures as (
    select
        * exclude (valeur),
        if(
            denominateur is null,
            cast(valeur as double),
            100 * cast(numerateur as decimal(30, 15)) / nullif(denominateur, 0)
        ) as valeur
    from faits
),

niveaux as (
    select
        'ctg' as niveau,
        convention_id as code,
        convention_id,
        annee_debut
    from {{ ref('int_ctg_conventions') }}
    union all
    select
        'epci' as niveau,
        epci_identique as code,
        convention_id,
        annee_debut
    from {{ ref('int_ctg_conventions') }}
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
        f.denominateur,
        case
            when f.motif is not null then 'non_disponible'
            when f.denominateur = 0 then 'sans_objet'
            else 'observe'
        end as statut,
        if(f.denominateur = 0, 'rien_de_prevu', f.motif_code) as motif_code,
        if(f.denominateur = 0, 'rien de prévu à cette date', f.motif) as motif
    from mesures as f
    inner join niveaux as n on f.convention_id = n.convention_id
    where
        f.millesime is not null
        and (f.valeur is not null or f.valeur_texte is not null or f.denominateur = 0 or f.motif is not null)
    -- Two conventions may hold one EPCI in one year: the later one speaks. One may evaluate two periods that end in
    -- one year: the longer is kept, which starts first.
    qualify
        row_number() over (
            partition by n.niveau, n.code, f.millesime, f.indicateur_id
            order by n.annee_debut desc nulls last, f.convention_id desc, f.valeur_texte asc
        ) = 1
)

select
    niveau,
    code,
    cast(millesime as integer) as millesime,
    indicateur_id,
    valeur,
    valeur_texte,
    cast(if(denominateur = 0, null, numerateur) as double) as numerateur,
    cast(nullif(denominateur, 0) as double) as denominateur,
    statut,
    motif_code,
    motif,
    'ctg_plan_actions' as source_id
from des_conventions
union all by name
select
    *,
    'caf_equipements' as source_id
from {{ ref('int_attributs_agrements') }}
union all by name
select
    *,
    'observe' as statut,
    'ctg_plan_actions' as source_id
from {{ ref('int_attributs_departements') }}
