-- What is said of how each figure moved to the last one shown: since when, as which number, whether it rises or falls.
-- mart_evolutions gives the pairs and their refusals, mart_tendances the trends; pages, decks, API and assistants print
-- these rows and choose nothing. A row is one start; the years that a reader may ask for share the starts out:
--   starts that are read     2014   2017   2020          asked for 2015 to 2017: the row of 2017
--   depuis_de, depuis_a      -2014  2015-2017  2018-     asked for 2023: that of 2020, the nearest
-- `choisie` is where no year is asked for: the row of the convention's first year, else the first one.
-- Starts are read after the last one that a refusal sets apart (too close a census sets nothing apart), between points;
-- where there is none, before it, then between intervals, and what is refused is told where nothing else is.
{%- set niveaux = niveaux_comparateurs() %}
with annees_de_base as (
    select
        niveau,
        code,
        annee
    from {{ ref('int_ctg_bases') }}
    where de_reference and niveau in ('commune', 'epci', 'ctg')
),

seuils as (
    select
        max(valeur) filter (where parametre = 'pas_de_stabilite') as pas_de_stabilite,
        cast(max(valeur) filter (where parametre = 'evolutions_proches') as double) as proches,
        cast(max(valeur) filter (where parametre = 'etendue_lisible') as double) as etendue_lisible
    from {{ ref('parametres') }}
),

evolutions as materialized (
    select
        e.territoire_id,
        e.niveau,
        e.indicateur_id,
        e.millesime_debut,
        e.millesime_fin,
        e.valeur_fin_statut,
        e.statut,
        e.motif_code,
        e.reserve_code,
        e.lisibilite,
        e.evolution,
        e.evolution_basse,
        e.evolution_haute,
        e.evolution_relative,
        e.evolution_lecture,
        e.lecture_motif_code,
        e.evolution_relative_haute - e.evolution_relative_basse as etendue_relative,
        coalesce({{ marque_du_statut('e.statut') }} is null and e.lisibilite = 'point', false) as lue,
        -- A deduced or proved perimeter only informs; another reserve sets the two ends apart, and a sentence has no
        -- room for it.
        coalesce(e.reserve_code not in ('perimetre_deduit', 'perimetre_prouve'), false) as reservee,
        lue and not reservee and (
            e.evolution_lecture = 'non_significatif' or coalesce(e.lecture_motif_code = 'mouvement_trop_faible', false)
        ) as calme,
        -- From 11 children to 6, a percentage would be that of a village; and so of what is too rounded for one.
        not i.comparable
        and e.evolution_relative is not null
        and coalesce(etendue_relative <= p.etendue_lisible, true)
        and coalesce(e.lecture_motif_code <> 'depart_trop_faible', true) as en_pourcentage,
        if(
            en_pourcentage,
            {{ decimales_connues('e.evolution_relative_basse', 'e.evolution_relative_haute', 1) }},
            {{ decimales_connues('e.evolution_basse', 'e.evolution_haute', 'i.decimales') }}
        ) as chiffres_surs,
        {{ comme_imprime('if(en_pourcentage, e.evolution_relative, e.evolution)', 'chiffres_surs') }}
            as mouvement_imprime,
        e.unite,
        if(en_pourcentage, e.evolution_relative, e.evolution) as ampleur,
        if(en_pourcentage, etendue_relative, e.evolution_haute - e.evolution_basse) / 2 as marge
    from {{ ref('mart_evolutions') }} as e
    inner join {{ ref('dim_indicateur') }} as i on e.indicateur_id = i.indicateur_id
    cross join seuils as p
    -- A statement of a plan is no observation.
    where not i.prevu
),

derniers as (
    select
        territoire_id,
        indicateur_id,
        max(millesime_fin) as millesime_fin
    from evolutions
    where {{ marque_du_statut('valeur_fin_statut') }} is null
    group by all
),

au_dernier as (
    select
        e.*,
        e.statut = 'refusee' as refusee,
        lead(e.millesime_debut, 1, e.millesime_fin) over serie as suivant,
        max(if(refusee and e.motif_code <> 'recensements_trop_proches', e.millesime_debut, 0)) over (
            partition by e.territoire_id, e.indicateur_id
        ) as rompue_en
    from evolutions as e
    inner join derniers as d
        on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.millesime_fin = d.millesime_fin
    where e.statut = 'refusee' or {{ marque_du_statut('e.statut') }} is null
    window serie as (partition by e.territoire_id, e.indicateur_id order by e.millesime_debut)
),

-- The years after the last one from which something moved, up to the end or up to the next year.
stables as (
    select
        territoire_id,
        indicateur_id,
        min(millesime_debut) as stable_depuis
    from (
        select
            a.territoire_id,
            a.indicateur_id,
            a.millesime_debut,
            max(if(a.calme and coalesce(p.calme, false), 0, a.millesime_debut)) over (
                partition by a.territoire_id, a.indicateur_id
            ) as agitee_en
        from au_dernier as a
        left join evolutions as p
            on
                a.territoire_id = p.territoire_id
                and a.indicateur_id = p.indicateur_id
                and a.millesime_debut = p.millesime_debut
                and a.suivant = p.millesime_fin
    ) as pas
    where millesime_debut > agitee_en
    group by territoire_id, indicateur_id
    having count(*) >= (select p.pas_de_stabilite from seuils as p)
),

derniers_pas as (
    select
        territoire_id,
        indicateur_id,
        arg_max(
            struct_pack(
                debut := millesime_debut,
                evolution := evolution,
                relative := evolution_relative,
                en_pourcentage := en_pourcentage,
                chiffres_surs := chiffres_surs,
                nette := lue and not reservee and not calme
            ),
            millesime_debut
        ) as pas
    from au_dernier
    group by territoire_id, indicateur_id
),

ranges as (
    select
        *,
        case
            when refusee then 5
            when lue then if(millesime_debut > rompue_en, 0, 1)
            when lisibilite = 'intervalle' then if(millesime_debut > rompue_en, 2, 3)
            else 4
        end as rang
    from au_dernier
    qualify rang = min(rang) over (partition by territoire_id, indicateur_id)
),

choisies as (
    select
        r.*,
        t.libelle,
        if(t.niveau = 'ctg', 'epci:' || t.epci, r.territoire_id) as parmi_id,
        {%- for niveau in niveaux %}
            {{ id_du_comparateur(niveau, 't') }} as {{ niveau }}_id,
        {%- endfor %}
        lag(r.millesime_debut) over serie + 1 as depuis_de,
        if(lead(r.millesime_debut) over serie is null, null, r.millesime_debut) as depuis_a,
        if(
            b.annee is null,
            depuis_de is null,
            coalesce(b.annee >= depuis_de, true) and coalesce(b.annee <= depuis_a, true)
        ) as choisie
    from ranges as r
    inner join {{ ref('dim_territoire') }} as t on r.territoire_id = t.territoire_id
    left join annees_de_base as b on t.niveau = b.niveau and t.code = b.code
    window serie as (partition by r.territoire_id, r.indicateur_id order by r.millesime_debut)
),

-- The same years elsewhere: wider territories, and the median of the peers of a convention's territory.
ailleurs as (
    select *
    from evolutions
    where lue and niveau in ('{{ niveaux.keys() | join("', '") }}') -- noqa: LT05
),

medianes as (
    select
        c.territoire_id,
        c.indicateur_id,
        c.millesime_debut,
        count(a.evolution) as nb_pairs,
        median(a.evolution) as evolution,
        median(a.evolution_relative) as evolution_relative
    from choisies as c
    inner join {{ ref('int_ctg_bases') }} as b on c.parmi_id = b.niveau || ':' || b.code and b.de_reference
    inner join {{ ref('pairs_territoires') }} as s on c.parmi_id = s.territoire_id and s.est_le_sien
    inner join {{ ref('pairs_territoires') }} as p on s.groupe_id = p.groupe_id and s.territoire_id <> p.territoire_id
    left join ailleurs as a
        on
            p.territoire_id = a.territoire_id
            and c.indicateur_id = a.indicateur_id
            and c.millesime_debut = a.millesime_debut
            and c.millesime_fin = a.millesime_fin
    where b.niveau = 'epci'
    group by all
    having count(a.evolution) > 1 and 2 * count(a.evolution) > count(*)
),

dites as (
    select
        c.*,
        i.libelle as indicateur_libelle,
        i.theme,
        i.polarite,
        if(c.en_pourcentage, 1, i.decimales) as decimales_exactes,
        s.stable_depuis,
        d.pas,
        case
            when c.refusee then 'refusee'
            when c.lisibilite = 'trop_peu' then 'trop_peu'
            when c.evolution_basse = 0 and c.evolution_haute = 0 then 'inchangee'
            when c.evolution_lecture = 'non_significatif' then 'non_significative'
            when c.lisibilite = 'intervalle' then 'intervalle'
            when c.mouvement_imprime = 0 then 'stable'
            else 'mesuree'
        end as forme,
        case
            when not c.lue then 'non_lisible'
            when c.reservee then 'reservee'
            when s.stable_depuis <= c.millesime_debut then 'stable'
            when forme <> 'mesuree' then 'sans_mouvement'
            -- The years of the trend hold those that are told, and both go one way, further than the floor of the unit.
            when
                coalesce(c.lecture_motif_code <> 'mouvement_trop_faible', true)
                and t.tendance = if(c.evolution > 0, 'hausse', 'baisse')
                and t.millesime_debut <= c.millesime_debut
                and t.millesime_fin = c.millesime_fin
                then t.tendance
            else 'deux_niveaux'
        end as mouvement,
        if(
            mouvement in ('hausse', 'baisse', 'deux_niveaux')
            and d.pas['nette']
            and d.pas['evolution'] * c.evolution < 0,
            d.pas['debut'],
            null
        ) as contraire_depuis,
        t.tendance_dite
    from choisies as c
    inner join {{ ref('dim_indicateur') }} as i on c.indicateur_id = i.indicateur_id
    inner join derniers_pas as d on c.territoire_id = d.territoire_id and c.indicateur_id = d.indicateur_id
    left join stables as s on c.territoire_id = s.territoire_id and c.indicateur_id = s.indicateur_id
    left join {{ ref('mart_tendances') }} as t
        on c.territoire_id = t.territoire_id and c.indicateur_id = t.indicateur_id
)

select
    c.territoire_id,
    c.niveau,
    c.libelle,
    c.indicateur_id,
    c.indicateur_libelle,
    c.theme,
    c.unite,
    c.polarite,
    c.millesime_debut,
    c.millesime_fin,
    c.choisie,
    cast(c.depuis_de as integer) as depuis_de,
    c.depuis_a,
    m.valeur_debut,
    m.valeur_debut_statut,
    m.valeur_debut_affichee,
    m.valeur_fin,
    m.valeur_fin_statut,
    m.valeur_fin_affichee,
    c.statut,
    c.motif_code,
    m.motif,
    c.reserve_code,
    m.reserve,
    c.lisibilite,
    c.evolution,
    c.evolution_basse,
    c.evolution_haute,
    c.evolution_relative,
    c.forme,
    coalesce(c.forme = 'mesuree' and c.en_pourcentage, false) as en_pourcentage,
    case c.forme
        when 'refusee' then 'non lisible'
        when 'inchangee' then 'inchangé'
        when 'non_significative' then 'non significative'
        when 'stable' then 'stable'
        when 'mesuree' then {{ evolution_imprimee(
            'c.evolution', 'c.evolution_relative', 'c.en_pourcentage', 'c.chiffres_surs', 'u'
        ) }}
        else m.evolution_affichee
    end as evolution_affichee,
    coalesce(c.forme = 'mesuree' and c.en_pourcentage and c.marge > seuils.proches, false) as a_peu_pres,
    c.mouvement,
    if(c.mouvement in ('stable', 'deux_niveaux'), c.stable_depuis, null) as stable_depuis,
    c.tendance_dite,
    c.contraire_depuis,
    if(c.contraire_depuis is null, null, {{ evolution_imprimee(
        "c.pas['evolution']", "c.pas['relative']", "c.pas['en_pourcentage']", "c.pas['chiffres_surs']", 'u'
    ) }}) as contraire_affichee,
    if(
        c.mouvement in ('hausse', 'baisse') and c.evolution_lecture in ('favorable', 'defavorable'),
        c.evolution_lecture,
        if(c.lue, 'neutre', null)
    ) as couleur,
    c.lecture_motif_code,
    {%- for x in niveaux %}
        if({{ x }}.lue, {{ evolution_imprimee(
            x ~ '.evolution', x ~ '.evolution_relative', x ~ '.en_pourcentage', x ~ '.chiffres_surs', 'u'
        ) }}, null) as evolution_{{ x }}_affichee,
        case
            when
                {{ x }}.lue is not true
                or {{ x }}.reservee
                or c.mouvement not in ('hausse', 'baisse', 'deux_niveaux')
                or {{ x }}.evolution_lecture = 'non_significatif'
                or {{ x }}.mouvement_imprime = 0
                then null
            when {{ x }}.evolution * c.evolution < 0 then 'inverse'
            when c.en_pourcentage <> {{ x }}.en_pourcentage or c.marge + {{ x }}.marge is null then null
            -- Two movements are alike unless they differ by more than their intervals and the declared width.
            when
                abs(c.ampleur - {{ x }}.ampleur)
                <= greatest(c.marge + {{ x }}.marge, if(c.en_pourcentage, seuils.proches, u.evolution_minimale))
                then 'comme'
            when abs(c.ampleur) > abs({{ x }}.ampleur) then 'plus'
            else 'moins'
        end as evolution_{{ x }}_rapport,
    {%- endfor %}
    p.nb_pairs,
    if(p.nb_pairs is not null, {{ evolution_imprimee(
        'p.evolution', 'p.evolution_relative', 'c.en_pourcentage', 'c.decimales_exactes', 'u'
    ) }}, null) as evolution_pairs_affichee,
    m.demonstration
from dites as c
cross join seuils
inner join {{ ref('unites') }} as u on c.unite = u.unite
inner join {{ ref('mart_evolutions') }} as m
    on
        c.territoire_id = m.territoire_id
        and c.indicateur_id = m.indicateur_id
        and c.millesime_debut = m.millesime_debut
        and c.millesime_fin = m.millesime_fin
{%- for x in niveaux %}
    left join ailleurs as {{ x }}
        on
            c.{{ x }}_id = {{ x }}.territoire_id
            and c.indicateur_id = {{ x }}.indicateur_id
            and c.millesime_debut = {{ x }}.millesime_debut
            and c.millesime_fin = {{ x }}.millesime_fin
{%- endfor %}
left join medianes as p
    on c.territoire_id = p.territoire_id and c.indicateur_id = p.indicateur_id and c.millesime_debut = p.millesime_debut
