-- Additive mesures as published, in the COG of their file: at each commune, and at each EPCI of that year where its
-- composition was received. Only the mesures an indicateur shows as they are, each from the first source received.
with montrees as (
    select distinct numerateur as mesure_id
    from {{ ref('indicateurs') }}
    where methode = 'somme'
),

recues as (
    select distinct
        p.mesure_id,
        p.millesime,
        p.source_id,
        p.cog_millesime
    from {{ ref('int_parts') }} as p
    inner join montrees as i on p.mesure_id = i.mesure_id
    -- Small communes hide counts by the reference geography: a commune of another geography would show them.
    inner join {{ ref('int_sources') }} as s on p.source_id = s.source_id and s.diffusion = 'publique'
),

series as (
    select r.*
    from recues as r
    inner join {{ ref('mesures') }} as m on r.mesure_id = m.mesure_id
    qualify row_number() over (
        partition by r.mesure_id, r.millesime
        order by
            list_position(string_split(m.sources, ' > '), r.source_id) asc,
            r.source_id asc,
            r.cog_millesime desc
    ) = 1
),

communes as (
    -- The arrondissements of Paris, Lyon and Marseille are several parts of one commune.
    select
        s.mesure_id,
        s.millesime,
        s.source_id,
        s.cog_millesime,
        p.code,
        bool_or(p.arrondi) as arrondi,
        sum(p.valeur) as valeur,
        {{ incertitude_de_la_somme('p.') }},
        count(*) filter (where p.etat = 'lu') as nb_lues,
        count(*) filter (where p.etat = 'absent' and not p.arrondissement) as nb_communes_absentes,
        count(*) filter (where p.etat = 'absent' and p.arrondissement) as nb_arrondissements_absents,
        count(*) filter (where p.etat = 'secret') as nb_secretes,
        count(*) filter (where p.etat = 'lu' and p.lacunaire) as nb_lacunaires
    from series as s
    inner join {{ ref('int_parts') }} as p
        on
            s.mesure_id = p.mesure_id
            and s.millesime = p.millesime
            and s.source_id = p.source_id
            and s.cog_millesime = p.cog_millesime
    group by all
),

epci as (
    select
        s.mesure_id,
        s.millesime,
        s.source_id,
        s.cog_millesime,
        e.epci as code,
        any_value(e.epci_libelle) as libelle,
        bool_or(c.arrondi) as arrondi,
        sum(c.valeur) as valeur,
        {{ incertitude_de_la_somme('c.') }},
        sum(c.nb_lues) as nb_lues,
        sum(c.nb_communes_absentes) as nb_communes_absentes,
        sum(c.nb_arrondissements_absents) as nb_arrondissements_absents,
        sum(c.nb_secretes) as nb_secretes,
        sum(c.nb_lacunaires) as nb_lacunaires,
        count(*) filter (where c.code is null) as nb_hors_couverture
    from series as s
    inner join {{ ref('int_epci_annuel') }} as e on s.cog_millesime = e.cog_millesime
    left join communes as c on s.mesure_id = c.mesure_id and s.millesime = c.millesime and e.code = c.code
    group by s.mesure_id, s.millesime, s.source_id, s.cog_millesime, e.epci
),

noms as (
    select
        code,
        max_by(libelle, cog_millesime) as libelle
    from {{ ref('stg_insee__cog_communes') }}
    group by all
),

valeurs as (
    select
        c.*,
        'commune' as niveau,
        -- The name of then where that COG was received, else the last one known.
        coalesce(o.libelle, n.libelle) as libelle,
        e.epci,
        0 as nb_hors_couverture
    from communes as c
    left join {{ ref('stg_insee__cog_communes') }} as o on c.cog_millesime = o.cog_millesime and c.code = o.code
    left join noms as n on c.code = n.code
    left join {{ ref('int_epci_annuel') }} as e on c.cog_millesime = e.cog_millesime and c.code = e.code
    union all by name
    select
        *,
        'epci' as niveau,
        code as epci
    from epci
),

statuts as (
    select
        *,
        case
            when nb_hors_couverture > 0 then 'non_disponible'
            when nb_secretes > 0 then 'secret'
            when nb_lues = 0 then 'non_disponible'
            when nb_communes_absentes > 0 or nb_arrondissements_absents > 0 or nb_lacunaires > 0 then 'partiel'
            when arrondi then 'arrondi'
            else 'observe'
        end as statut,
        (
            select q.valeur
            from {{ ref('parametres') }} as q
            where q.parametre = 'quantile_intervalle'
        ) as z
    from valeurs
)

select
    niveau,
    code,
    libelle,
    epci,
    mesure_id,
    millesime,
    cog_millesime,
    source_id,
    statut,
    case
        when nb_hors_couverture > 0 then 'hors_couverture'
        when statut = 'secret' then 'secret_producteur'
        when nb_lues = 0 then 'ligne_absente'
        when nb_lacunaires > 0 then 'liste_incomplete'
        when nb_communes_absentes > 0 then 'communes_absentes'
        when nb_arrondissements_absents > 0 then 'arrondissements_absents'
    end as motif_code,
    {{ motif_d_une_somme('motif_code', 'nb_communes_absentes', 'nb_arrondissements_absents') }} as motif,
    case when {{ montre(rang_statut('statut')) }} then valeur end as valeur,
    case when {{ montre(rang_statut('statut')) }} then {{ borne_basse_probable('z') }} end as borne_basse,
    case when {{ montre(rang_statut('statut')) }} then {{ borne_haute_probable('z') }} end as borne_haute
from statuts
