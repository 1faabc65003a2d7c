-- One value per territory, millésime and mesure: where several sources were received, the first of the
-- dictionary's order wins, unless it has nothing to say there. What a source publishes itself of a level wins over
-- the sum of its départements, and that over the sum of its communes.
with candidates as not materialized (
    select
        *,
        'somme' as origine
    from {{ ref('int_sommes') }}
    union all by name
    select
        *,
        'publie' as origine
    from {{ ref('int_valeurs_publiees') }}
    union all by name
    select
        *,
        'departements' as origine
    from {{ ref('int_sommes_de_departements') }}
    union all by name
    select
        *,
        'publie' as origine
    from {{ ref('int_communes_membres') }}
),

disputees as (
    -- Nearly every series has one source at each level: only the others need a choice.
    select
        mesure_id,
        niveau,
        millesime,
        min(source_id) <> max(source_id) or min(origine) <> max(origine) as disputee
    from candidates
    group by all
),

situees as not materialized (
    select
        c.*,
        d.disputee,
        -- A source that the dictionary does not name comes after those it names.
        list_position(string_split(m.sources, ' > '), c.source_id) as rang_source,
        {{ rang_statut('c.statut') }} as rang_statut
    from candidates as c
    inner join {{ ref('mesures') }} as m on c.mesure_id = m.mesure_id
    inner join disputees as d on c.mesure_id = d.mesure_id and c.niveau = d.niveau and c.millesime = d.millesime
),

retenues as (
    select *
    from situees
    where not disputee
    union all
    select *
    from situees
    where disputee
    qualify row_number() over (
        partition by niveau, code, mesure_id, millesime
        order by
            statut = 'non_disponible',
            rang_source nulls last,
            source_id,
            list_position(['publie', 'departements', 'somme'], origine)
    ) = 1
),

foyers as (
    select
        niveau,
        code,
        millesime,
        valeur
    from retenues
    where niveau = 'commune' and mesure_id = 'foyers_allocataires'
),

parametres as (
    select max(valeur) filter (where parametre = 'seuil_commune_extrait') as seuil
    from {{ ref('parametres') }}
),

-- For a commune of few foyers allocataires, the extract prints that number and no other: each further figure would say
-- more of a handful of people. No sum is touched.
tues as (
    select
        r.*,
        case
            when r.niveau = 'commune' and r.retenue then 'trop_precis'
            when
                s.diffusion = 'micro'
                and f.valeur < p.seuil
                and r.mesure_id not in ('foyers_allocataires', 'foyers_extrait')
                and {{ montre('r.rang_statut') }}
                then 'commune_trop_petite'
        end as tu
    from retenues as r
    left join {{ ref('int_sources') }} as s on r.source_id = s.source_id
    left join foyers as f on r.niveau = f.niveau and r.code = f.code and r.millesime = f.millesime
    cross join parametres as p
)

select
    niveau,
    code,
    mesure_id,
    millesime,
    source_id,
    champ,
    geographie,
    if(tu is null, statut, 'non_disponible') as statut,
    if(tu is null, rang_statut, {{ rang_de('non_disponible') }}) as rang_statut,
    coalesce(tu, motif_code) as motif_code,
    coalesce({{ motif_de_la_marque('tu') }}, motif) as motif,
    if(tu is null and {{ montre('rang_statut') }}, valeur, null) as valeur,
    if(tu is null and {{ montre('rang_statut') }}, enveloppe_basse, null) as enveloppe_basse,
    if(tu is null and {{ montre('rang_statut') }}, enveloppe_haute, null) as enveloppe_haute,
    if(tu is null and {{ montre('rang_statut') }}, milieu_basse, null) as milieu_basse,
    if(tu is null and {{ montre('rang_statut') }}, milieu_haute, null) as milieu_haute,
    if(tu is null and {{ montre('rang_statut') }}, variance, null) as variance
from tues
