-- Why a figure is or is not there: one line per indicateur, level where it exists and millésime of the
-- warehouse. A row of the dictionary that was not received has no line in fct_indicateurs; its reason is here.
with millesimes as (
    select distinct millesime from {{ ref('fct_indicateurs') }}
),

niveaux as (
    select
        indicateur_id,
        motif,
        disponible,
        unnest(string_split(niveaux, '+')) as niveau
    from {{ ref('dim_indicateur') }}
),

par_motif as (
    select
        indicateur_id,
        niveau,
        millesime,
        {{ rang_statut('statut') }} as rang_statut,
        motif,
        count(*) as nombre
    from {{ ref('fct_indicateurs') }}
    group by all
),

presents as (
    -- The best statut obtained, with its most frequent reason.
    select *
    from par_motif
    qualify row_number() over (
        partition by indicateur_id, niveau, millesime
        order by rang_statut asc, nombre desc, motif asc
    ) = 1
),

recus as (
    select
        indicateur_id,
        niveau,
        string_agg(distinct millesime, ', ' order by millesime) as millesimes
    from {{ ref('fct_indicateurs') }}
    group by all
)

select
    n.indicateur_id,
    n.niveau,
    m.millesime,
    coalesce({{ statut_du_rang('p.rang_statut') }}, 'non_disponible') as statut,
    case
        when p.indicateur_id is not null then p.motif
        when not n.disponible then n.motif
        when r.millesimes is null then 'non publié à ce niveau'
        else 'non publié à ce niveau pour ce millésime (millésimes reçus : ' || r.millesimes || ')'
    end as motif
from niveaux as n
cross join millesimes as m
left join presents as p on n.indicateur_id = p.indicateur_id and n.niveau = p.niveau and m.millesime = p.millesime
left join recus as r on n.indicateur_id = r.indicateur_id and n.niveau = r.niveau
-- A scope without any territory of a level (a CTG) has nothing to say of it.
where n.niveau in (select t.niveau from {{ ref('dim_territoire') }} as t)
