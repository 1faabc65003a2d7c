-- Whether each series rises, falls or neither, as Kendall's test reads it (macros/tendance.sql), above the commune and
-- in the communes of a convention: where mart_evolutions sets any two figures shown side by side. What may not be
-- compared there is in no trend here. Between two ends that it refuses, or across which another thing is counted (a
-- series of the producer, a reform), a series is cut, and what comes after the last cut is read:
--   2017 | other source | 2020  2021  2022  2023  2024    five years, since 2020
-- Of censuses that share a survey, the newest is kept, then the one before it that shares none with it, and so on.
with recursive conventionnes as (
    select distinct
        niveau,
        code
    from {{ ref('int_ctg_bases') }}
),

suivis as (
    select t.territoire_id
    from {{ ref('dim_territoire') }} as t
    left join conventionnes as c on t.niveau = c.niveau and t.code = c.code
    where t.niveau <> 'commune' or c.code is not null
),

seuils as (
    select
        cast(max(valeur) filter (where parametre = 'points_de_tendance') as integer) as points_de_tendance,
        cast(max(valeur) filter (where parametre = 'quantile_tendance') as decimal(9, 4)) as quantile,
        cast(max(valeur) filter (where parametre = 'annee_sans_enquete_rp') as integer) as annee_sans_enquete
    from {{ ref('parametres') }}
),

-- As they are printed: what readers see alike is a tie, and the verdict is made again from the page.
montres as (
    select
        f.territoire_id,
        f.niveau,
        f.libelle,
        f.indicateur_id,
        f.theme,
        f.unite,
        f.demonstration,
        f.millesime,
        f.lisibilite = 'point' as lisible,
        {{ comme_imprime('f.valeur', 'i.decimales') }} as valeur
    from {{ ref('fct_indicateurs') }} as f
    inner join {{ ref('dim_indicateur') }} as i on f.indicateur_id = i.indicateur_id
    inner join suivis as t on f.territoire_id = t.territoire_id
    -- A statement of a plan is no observation.
    where f.methode in ('somme', 'ratio', 'publie') and not i.prevu and f.valeur is not null
),

evolutions as (
    select
        e.territoire_id,
        e.indicateur_id,
        e.millesime_debut,
        e.millesime_fin,
        e.statut = 'refusee' and e.motif_code = 'recensements_trop_proches' as proches,
        e.statut = 'refusee' and e.motif_code <> 'recensements_trop_proches'
        or coalesce(e.reserve_code in ('serie', 'reforme'), false) as rompue,
        coalesce(e.motif_code, e.reserve_code) as rupture_code,
        case
            when e.motif is not null then e.motif
            when e.reserve_code = 'serie'
                then 'nouvelle série du producteur entre ' || e.millesime_debut || ' et ' || e.millesime_fin
            else e.reserve
        end as rupture,
        e.statut,
        e.evolution,
        e.evolution_basse,
        e.evolution_haute,
        e.evolution_affichee,
        e.evolution_lecture,
        e.lecture_motif_code
    from {{ ref('mart_evolutions') }} as e
    inner join suivis as t on e.territoire_id = t.territoire_id
),

coupures as (
    select
        territoire_id,
        indicateur_id,
        max(millesime_debut) as millesime,
        arg_max(
            struct_pack(code := rupture_code, motif := rupture), struct_pack(d := millesime_debut, f := -millesime_fin)
        ) as cause
    from evolutions
    where rompue
    group by all
),

recensements as (
    select distinct
        territoire_id,
        indicateur_id
    from evolutions
    where proches
),

suites as (
    select
        m.*,
        m.millesime > coalesce(c.millesime, 0) as comparable,
        c.cause,
        r.territoire_id is not null as recensement
    from montres as m
    left join coupures as c on m.territoire_id = c.territoire_id and m.indicateur_id = c.indicateur_id
    left join recensements as r on m.territoire_id = r.territoire_id and m.indicateur_id = r.indicateur_id
),

espaces as (
    select
        territoire_id,
        indicateur_id,
        max(millesime) as millesime
    from suites
    where recensement and comparable and lisible
    group by all
    union all
    select
        e.territoire_id,
        e.indicateur_id,
        max(s.millesime) as millesime
    from espaces as e
    inner join suites as s
        on e.territoire_id = s.territoire_id and e.indicateur_id = s.indicateur_id and e.millesime > s.millesime
    cross join seuils as p
    where
        s.comparable
        and s.lisible
        and not ({{ enquete_en_commun('s.millesime', 'e.millesime', 'p.annee_sans_enquete') }})
    group by e.territoire_id, e.indicateur_id
),

points as (
    select
        s.territoire_id,
        s.indicateur_id,
        s.millesime,
        s.valeur
    from suites as s
    left join espaces as e
        on s.territoire_id = e.territoire_id and s.indicateur_id = e.indicateur_id and s.millesime = e.millesime
    where s.comparable and s.lisible and (not s.recensement or e.millesime is not null)
),

series as (
    select
        territoire_id,
        niveau,
        libelle,
        indicateur_id,
        theme,
        unite,
        demonstration,
        max(millesime) as dernier,
        count(*) as nb_montres,
        count(*) filter (where comparable) as nb_comparables,
        count(*) filter (where comparable and lisible) as nb_lisibles,
        any_value(cause) as cause
    from suites
    group by all
),

annees as (
    select
        territoire_id,
        indicateur_id,
        min(millesime) as millesime_debut,
        max(millesime) as millesime_fin,
        cast(count(*) as integer) as nb_points,
        string_agg(cast(millesime as varchar), ', ' order by millesime) as annees
    from points
    group by all
),

couples as (
    select
        a.territoire_id,
        a.indicateur_id,
        cast(sum(sign(b.valeur - a.valeur)) as bigint) as s
    from points as a
    inner join points as b
        on a.territoire_id = b.territoire_id and a.indicateur_id = b.indicateur_id and a.millesime < b.millesime
    group by all
),

groupes as (
    select
        territoire_id,
        indicateur_id,
        valeur,
        count(*) as t
    from points
    group by all
),

ex_aequo as (
    select
        territoire_id,
        indicateur_id,
        cast(sum(t) as bigint) as n,
        cast(sum(t * (t - 1)) as bigint) as paires,
        cast(sum(t * (t - 1) * (2 * t + 5)) as bigint) as correction
    from groupes
    group by all
),

tests as (
    select
        c.territoire_id,
        c.indicateur_id,
        c.s,
        nullif(x.n * (x.n - 1) * (2 * x.n + 5) - x.correction, 0) as dix_huit_variances,
        c.s / nullif(sqrt((x.n * (x.n - 1) / 2) * ((x.n * (x.n - 1) - x.paires) / 2)), 0) as tau
    from couples as c
    inner join ex_aequo as x on c.territoire_id = x.territoire_id and c.indicateur_id = x.indicateur_id
    cross join seuils as p
    where x.n >= p.points_de_tendance
),

juges as (
    select
        s.*,
        a.millesime_debut,
        a.millesime_fin,
        a.annees,
        coalesce(a.nb_points, 0) as nb_points,
        p.points_de_tendance,
        t.tau,
        {{ valeur_p('t.s', 't.dix_huit_variances') }} as valeur_p,
        e.statut,
        e.evolution,
        e.evolution_basse,
        e.evolution_haute,
        e.evolution_affichee,
        e.evolution_lecture,
        e.lecture_motif_code,
        case
            when s.nb_montres < p.points_de_tendance then 'trop_peu_d_annees'
            when s.nb_comparables < p.points_de_tendance then s.cause['code']
            when s.nb_lisibles < p.points_de_tendance then 'annees_incertaines'
            when t.territoire_id is null then 'recensements_trop_proches'
            when ({{ tendance_etablie('t.s', 't.dix_huit_variances', 'p.quantile') }}) is not true
                then 'sans_regularite'
            -- A move that its own interval may undo, or that the printed figures do not show, is none.
            when
                {{ comme_imprime('e.evolution', 'i.decimales') }} = 0
                or (if(t.s > 0, e.evolution_basse > 0, e.evolution_haute < 0)) is not true
                then 'mouvement_incertain'
        end as code,
        case
            when t.territoire_id is null then null
            when code is not null then 'sans_tendance'
            when t.s > 0 then 'hausse'
            else 'baisse'
        end as tendance,
        i.libelle as indicateur_libelle,
        i.polarite
    from series as s
    cross join seuils as p
    inner join {{ ref('dim_indicateur') }} as i on s.indicateur_id = i.indicateur_id
    left join annees as a on s.territoire_id = a.territoire_id and s.indicateur_id = a.indicateur_id
    left join tests as t on s.territoire_id = t.territoire_id and s.indicateur_id = t.indicateur_id
    left join evolutions as e
        on
            t.territoire_id = e.territoire_id
            and t.indicateur_id = e.indicateur_id
            and a.millesime_debut = e.millesime_debut
            and a.millesime_fin = e.millesime_fin
)

select
    territoire_id,
    niveau,
    libelle,
    indicateur_id,
    indicateur_libelle,
    theme,
    unite,
    polarite,
    tendance,
    if(tendance in ('hausse', 'baisse'), coalesce(evolution_lecture, 'neutre'), null) as tendance_lecture,
    case tendance
        when 'hausse' then 'en hausse'
        when 'baisse' then 'en baisse'
        when 'sans_tendance' then 'sans tendance établie'
    end
    || if(millesime_fin = dernier, ' depuis ' || millesime_debut, ' de ' || millesime_debut || ' à ' || millesime_fin)
    || ', sur ' || nb_points || ' années' as tendance_dite,
    code as motif_code,
    case
        when code is null then null
        when code = 'trop_peu_d_annees'
            then
                nb_montres || if(nb_montres > 1, ' années ont un chiffre', ' année a un chiffre') || ', il en faut '
                || points_de_tendance
        when code = 'annees_incertaines'
            then
                nb_lisibles || if(nb_lisibles > 1, ' années ont', ' année a')
                || ' un chiffre assez sûr pour être un point, il en faut ' || points_de_tendance
        when code = 'recensements_trop_proches'
            then
                {{ motif_des_recensements() }} || ' : ' || nb_points
                || if(nb_points > 1, ' se comparent', ' se compare') || ', il en faut ' || points_de_tendance
        when code = 'sans_regularite' then 'ni hausse ni baisse assez régulière pour écarter le hasard'
        when code = 'mouvement_incertain'
            then 'du premier au dernier point, un mouvement nul ou que son intervalle peut annuler'
        else
            nb_comparables || if(nb_comparables > 1, ' années se comparent', ' année se compare') || ', il en faut '
            || points_de_tendance || ' ; ' || cause['motif']
    end as motif,
    millesime_debut,
    millesime_fin,
    nb_points,
    annees,
    tau,
    cast(valeur_p as double) as valeur_p,
    evolution,
    evolution_basse as evolution_borne_basse,
    evolution_haute as evolution_borne_haute,
    coalesce(evolution_affichee, 'na') as evolution_affichee,
    coalesce(statut, 'sans_objet') as evolution_statut,
    if(tendance in ('hausse', 'baisse'), lecture_motif_code, null) as lecture_motif_code,
    demonstration
from juges
