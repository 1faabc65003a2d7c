-- How each figure moved between two millésimes: from each one to the next received, from the first to the last, from
-- the first year of each convention to the last figure shown, and from the figure shown before it. Above the commune,
-- and for the communes of a convention, between any two figures shown, so that a reader may choose the first year.
-- Only figures of one source, or of one series of a producer, of one field and of one known perimeter are compared;
-- the others keep their row, refused, with the reason. A ratio moves by its two terms: with r = f N / D,
--   effet_numerateur   = f (N1 - N0) (1/D0 + 1/D1) / 2
--   effet_denominateur = f (1/D1 - 1/D0) (N0 + N1) / 2
-- (the mean of both orders in which the two may change, Shapley) add up to r1 - r0, with no remainder to share.
-- The two ends of an evolution, `a` and `b`, are structs.
with origines as (
    {{ sources_des_chiffres() }}
),

chiffres as materialized (
    select
        row_number() over () as numero,
        f.territoire_id,
        f.niveau,
        f.code,
        f.libelle,
        f.indicateur_id,
        f.theme,
        f.unite,
        f.methode,
        f.demonstration,
        struct_pack(
            millesime := f.millesime,
            valeur := f.valeur,
            valeur_affichee := f.valeur_affichee,
            lisibilite := f.lisibilite,
            numerateur := f.numerateur,
            denominateur := f.denominateur,
            basse := f.borne_basse,
            haute := f.borne_haute,
            ecart_type := f.ecart_type_arrondi,
            statut := f.statut,
            rang_statut := {{ rang_statut('f.statut') }},
            motif_code := f.motif_code,
            motif := f.motif,
            champ := f.champ,
            source_ids := f.source_ids,
            perimetre_connu := coalesce(pn.connu, true) and coalesce(pd.connu, true),
            perimetre_deduit := coalesce(pn.deduit, false) or coalesce(pd.deduit, false),
            preuve := coalesce(pn.preuve, pd.preuve),
            perimetre := nullif(concat_ws(' / ', pn.ecart, pd.ecart), ''),
            -- The perimeter did not move where no commune sets it apart; one unknown side makes it unknown.
            part_deplacee := greatest(
                if(pn.niveau is null, 0, coalesce(pn.part_deplacee, 1)),
                if(pd.niveau is null, 0, coalesce(pd.part_deplacee, 1))
            ),
            perimetre_detail := coalesce(pn.detail, pd.detail),
            perimetre_modifie_en := least(pn.modifie_en, pd.modifie_en)
        ) as point
    from {{ ref('fct_indicateurs') }} as f
    left join {{ ref('int_perimetres_cotes') }} as pn
        on
            f.niveau = pn.niveau
            and f.code = pn.code
            and f.indicateur_id = pn.indicateur_id
            and f.millesime = pn.millesime
            and pn.cote = 'numerateur'
    left join {{ ref('int_perimetres_cotes') }} as pd
        on
            f.niveau = pd.niveau
            and f.code = pd.code
            and f.indicateur_id = pd.indicateur_id
            and f.millesime_denominateur = pd.millesime
            and pd.cote = 'denominateur'
    -- Evolutions and differences are evolutions already; attributes are not figures.
    where f.methode in ('somme', 'ratio', 'publie', 'specifique') and f.valeur_texte is null
),

-- The numbers of the figures alone: they are put side by side, then read.
points as (
    select
        numero,
        territoire_id,
        niveau,
        code,
        indicateur_id,
        point['millesime'] as millesime,
        point['valeur'] is not null as montre
    from chiffres
),

bouts as (
    {{ paires_d_annees('points') | indent(4) }}
),

couples as (
    select
        f.* exclude (numero, point), -- noqa: RF02
        d.point as a,
        f.point as b,
        c.consecutifs,
        c.extremes,
        c.base_ctg
    from bouts as c
    inner join chiffres as f on c.fin = f.numero
    inner join chiffres as d on c.debut = d.numero
),

revisions as (
    select
        r.source_id,
        r.niveau,
        r.code,
        t.indicateur_id,
        r.millesime,
        r.ecart
    from {{ ref('int_revisions_series') }} as r
    inner join {{ ref('int_termes') }} as t on r.mesure_id = t.mesure_id
    inner join {{ ref('dim_indicateur') }} as i on t.indicateur_id = i.indicateur_id and i.methode = 'publie'
),

changements as (
    -- What changed at once for all the territories of a level: what is counted, or who is entitled to it.
    select
        niveau,
        indicateur_id,
        nature,
        list(struct_pack(millesime := millesime, detail := detail) order by millesime) as annonces
    from {{ ref('ruptures_series') }}
    where nature in ('definition', 'reforme')
    group by all
),

series_nouvelles as (
    -- `territoire_id` is empty where the series is that of all the territories of a level.
    select
        territoire_id,
        niveau,
        indicateur_id,
        list(millesime order by millesime) as annees
    from {{ ref('ruptures_series') }}
    where nature = 'serie'
    group by all
),

seuils as (
    select
        max(valeur) filter (where parametre = 'annee_sans_enquete_rp') as annee_sans_enquete,
        max(valeur) filter (where parametre = 'effectif_minimal_rp') as effectif_minimal,
        max(valeur) filter (where parametre = 'perimetre_negligeable') as perimetre_negligeable,
        max(valeur) filter (where parametre = 'assise_minimale') as assise_minimale,
        cast(max(valeur) filter (where parametre = 'evolution_minimale_relative') as double)
            as evolution_minimale_relative,
        cast(max(valeur) filter (where parametre = 'quantile_intervalle') as double) as quantile
    from {{ ref('parametres') }}
),

situes as (
    select
        c.*,
        i.libelle as indicateur_libelle,
        i.decimales,
        i.polarite,
        i.comparable,
        i.facteur,
        {{ du_recensement('o', 'i') }} as recensement,
        -- A published figure that is not refused has one perimeter at both ends; sums have that of the reference.
        c.methode in ('publie', 'specifique')
        or (
            c.niveau <> 'commune'
            and list_contains(o.niveaux, if(c.niveau = 'ctg', 'epci', c.niveau))
        ) as trace_par_le_producteur,
        s.connu_depuis,
        s.ruptures,
        r.millesime as millesime_revision,
        r.ecart as ecart_revision,
        list_filter(
            d.annonces,
            lambda x: x['millesime'] > c.a['millesime'] and x['millesime'] <= c.b['millesime'] -- noqa: RF02
        ) as definitions,
        list_filter(
            n.annees,
            lambda annee: annee > c.a['millesime'] and annee <= c.b['millesime'] -- noqa: RF02
        ) as series_nouvelles,
        list_transform(
            list_filter(
                rf.annonces,
                lambda x: x['millesime'] > c.a['millesime'] and x['millesime'] <= c.b['millesime'] -- noqa: RF02
            ),
            lambda x: x['detail'] -- noqa: RF02
        ) as reformes,
        sd.serie as serie_debut,
        sf.serie as serie_fin,
        oa.valeur as origine_debut,
        ob.valeur as origine_fin,
        p.annee_sans_enquete,
        p.effectif_minimal,
        p.perimetre_negligeable,
        p.assise_minimale,
        p.evolution_minimale_relative,
        cast(u.evolution_minimale as double) as evolution_minimale,
        p.quantile
    from couples as c
    inner join {{ ref('dim_indicateur') }} as i on c.indicateur_id = i.indicateur_id
    inner join {{ ref('unites') }} as u on c.unite = u.unite
    inner join origines as o on c.b['source_ids'] = o.source_ids
    left join {{ ref('int_stabilite') }} as s on c.niveau = s.niveau and c.code = s.code
    left join changements as d
        on c.niveau = d.niveau and c.indicateur_id = d.indicateur_id and d.nature = 'definition'
    left join series_nouvelles as n
        on
            c.niveau = n.niveau
            and c.indicateur_id = n.indicateur_id
            and coalesce(n.territoire_id, c.territoire_id) = c.territoire_id
    left join changements as rf
        on c.niveau = rf.niveau and c.indicateur_id = rf.indicateur_id and rf.nature = 'reforme'
    left join revisions as r
        on
            c.niveau = r.niveau
            and c.code = r.code
            and c.indicateur_id = r.indicateur_id
            and c.b['source_ids'] = r.source_id
    left join {{ ref('int_series') }} as sd
        on c.indicateur_id = sd.indicateur_id and c.a['source_ids'] = sd.source_id
    left join {{ ref('int_series') }} as sf
        on c.indicateur_id = sf.indicateur_id and c.b['source_ids'] = sf.source_id
    left join {{ ref('fct_indicateurs_origine') }} as oa
        on
            c.territoire_id = oa.territoire_id
            and c.indicateur_id = oa.indicateur_id
            and c.a['millesime'] = oa.millesime
            and c.a['source_ids'] = oa.source_ids
    left join {{ ref('fct_indicateurs_origine') }} as ob
        on
            c.territoire_id = ob.territoire_id
            and c.indicateur_id = ob.indicateur_id
            and c.b['millesime'] = ob.millesime
            and c.b['source_ids'] = ob.source_ids
    cross join seuils as p
),

juges as (
    select
        *,
        greatest(a['rang_statut'], b['rang_statut']) as pire_rang,
        if(
            coalesce(a['perimetre'], '') <> coalesce(b['perimetre'], ''),
            100 * (a['part_deplacee'] + b['part_deplacee']),
            0
        ) as deplaces,
        coalesce(
            recensement
            and methode = 'ratio'
            and least(a['numerateur'], b['numerateur'], a['denominateur'], b['denominateur']) < effectif_minimal,
            false
        ) as de_peu,
        case
            when not {{ montre('pire_rang') }} then null
            when coalesce(serie_debut, a['source_ids']) <> coalesce(serie_fin, b['source_ids'])
                then 'sources_differentes'
            when coalesce(a['champ'], '') <> coalesce(b['champ'], '') then 'champ_different'
            when 'liste_incomplete' in (a['motif_code'], b['motif_code']) then 'liste_incomplete'
            when a['motif_code'] = 'scission' or b['motif_code'] = 'scission'
                then 'geographie'
            when not (a['perimetre_connu'] and b['perimetre_connu']) then 'perimetre_inconnu'
            when deplaces > perimetre_negligeable then 'perimetre_modifie'
            when len(definitions) > 0 then 'definition_modifiee'
            when recensement and {{ enquete_en_commun("a['millesime']", "b['millesime']", 'annee_sans_enquete') }}
                then 'recensements_trop_proches'
        end as refus_code,
        case refus_code
            when 'geographie'
                then 'géographie : ' || if(a['motif_code'] = 'scission', a['motif'], b['motif'])
            else {{ motif_du_refus(
                'refus_code',
                ["string_split(a['source_ids'], '+')", "string_split(b['source_ids'], '+')"],
                ["a['champ']", "b['champ']"],
                'definitions[1]',
                "if(a['perimetre_connu'], b['perimetre_detail'], a['perimetre_detail'])",
                "least(a['perimetre_modifie_en'], b['perimetre_modifie_en'])"
            ) }}
        end as refus
    from situes
),

evolutions as (
    select
        *,
        if(refus_code is null, {{ statut_du_rang('pire_rang') }}, 'refusee') as statut,
        if(refus_code is null, b['valeur'] - a['valeur'], null) as evolution,
        if(refus_code is null, {{ bout_de_l_ecart('-', "b['%s']", "a['%s']", 'quantile') }}, null) as evolution_basse,
        if(refus_code is null, {{ bout_de_l_ecart('+', "b['%s']", "a['%s']", 'quantile') }}, null) as evolution_haute,
        case
            when trace_par_le_producteur then null
            when connu_depuis is null then 'périmètre : non suivi à ce niveau'
            when a['millesime'] < connu_depuis then 'périmètre : inconnu avant ' || connu_depuis
            when len(list_filter(ruptures, lambda r: r > a['millesime'])) > 0
                then
                    'périmètre : modifié, constaté en '
                    || list_filter(ruptures, lambda r: r > a['millesime'])[1]
                    || ', effet non chiffré'
        end as effet_inconnu,
        list_filter(
            [if(a['perimetre_deduit'], a['millesime'], null), if(b['perimetre_deduit'], b['millesime'], null)],
            lambda annee: annee is not null -- noqa: RF02
        ) as annees_deduites,
        list_filter([a['preuve'], b['preuve']], lambda preuve: preuve is not null) as preuves, -- noqa: RF02
        if(evolution is null, null, {{ moins_lisible("a['lisibilite']", "b['lisibilite']") }}) as lisibilite,
        case
            when evolution is null then null
            when lisibilite = 'trop_peu' then 'trop_peu'
            when lisibilite = 'intervalle' then 'chiffre_incertain'
            when de_peu then 'effectif_trop_faible'
            -- From 11 children to 6, a percentage would be that of a village.
            when not comparable and abs(a['valeur']) < assise_minimale then 'depart_trop_faible'
            -- What is counted, or who is entitled to it, is not the same at both ends.
            when len(series_nouvelles) > 0 then 'serie_nouvelle'
            when len(reformes) > 0 then 'reforme'
            when abs(evolution) < coalesce(evolution_minimale, abs(a['valeur']) * evolution_minimale_relative / 100)
                then 'mouvement_trop_faible'
        end as lecture_motif_code,
        case
            when evolution is null then null
            when effet_inconnu is null then cast(0 as double)
            else origine_fin - origine_debut - evolution
        end as effet_perimetre
    from juges
),

mesurees as (
    select
        territoire_id,
        niveau,
        libelle,
        indicateur_id,
        indicateur_libelle,
        theme,
        unite,
        decimales,
        polarite,
        methode,
        a['millesime'] as millesime_debut,
        b['millesime'] as millesime_fin,
        consecutifs,
        extremes,
        base_ctg,
        a['valeur'] as valeur_debut,
        a['statut'] as valeur_debut_statut,
        a['valeur_affichee'] as valeur_debut_affichee,
        b['valeur'] as valeur_fin,
        b['statut'] as valeur_fin_statut,
        b['valeur_affichee'] as valeur_fin_affichee,
        statut,
        -- Where both ends have a reason, the worse one is told.
        coalesce(
            refus_code,
            if(a['rang_statut'] > b['rang_statut'], a['motif_code'], b['motif_code']),
            a['motif_code'],
            b['motif_code']
        ) as motif_code,
        coalesce(
            refus,
            nullif(concat_ws(' ; ', a['millesime'] || ' : ' || a['motif'], b['millesime'] || ' : ' || b['motif']), '')
        ) as motif,
        if(evolution is not null and a['source_ids'] <> b['source_ids'], serie_debut, null) as serie_commune,
        case
            when evolution is null then null
            when len(series_nouvelles) > 0 then 'serie'
            when len(reformes) > 0 then 'reforme'
            when deplaces > 0 then 'perimetre'
            -- These two inform and set nothing apart: readers pass over the others.
            when len(annees_deduites) > 0 then 'perimetre_deduit'
            when len(preuves) > 0 then 'perimetre_prouve'
        end as reserve_code,
        if(
            reserve_code is not null,
            concat_ws(
                ' ; ',
                'nouvelle série du producteur en ' || nullif(array_to_string(series_nouvelles, ' et en '), ''),
                'réforme : ' || nullif(array_to_string(reformes, ', puis '), ''),
                if(
                    deplaces > 0,
                    'périmètre modifié, constaté en ' || least(a['perimetre_modifie_en'], b['perimetre_modifie_en'])
                    || ', pour moins de ' || replace(cast(ceil(10 * deplaces) / 10 as varchar), '.', ',')
                    || ' % de la population',
                    null
                ),
                'périmètre supposé inchangé (' || nullif(array_to_string(annees_deduites, ' et '), '')
                || ') : les listes de communes connues d''avant et d''après sont les mêmes',
                nullif(array_to_string(preuves, ' ; '), '')
            ),
            null
        ) as reserve,
        evolution,
        evolution_basse,
        evolution_haute,
        lisibilite,
        lecture_motif_code,
        {{ lecture(
            'evolution',
            "coalesce(evolution_basse, cast('-infinity' as double))",
            "coalesce(evolution_haute, cast('infinity' as double))",
            'polarite',
            'decimales',
            'lecture_motif_code is not null'
        ) }} as evolution_lecture,
        if(a['valeur'] > 0, 100 * evolution / a['valeur'], null) as evolution_relative,
        if(evolution is null, null, 100 * ({{ bout_du_rapport('-', "b['%s']", "a['%s']", 'quantile') }} - 1))
            as evolution_relative_basse,
        if(evolution is null, null, 100 * ({{ bout_du_rapport('+', "b['%s']", "a['%s']", 'quantile') }} - 1))
            as evolution_relative_haute,
        if(
            methode = 'ratio' and evolution is not null,
            facteur * ({{ numerateur_dit('b') }} - {{ numerateur_dit('a') }})
            * (1 / a['denominateur'] + 1 / b['denominateur']) / 2,
            null
        ) as effet_numerateur,
        if(
            methode = 'ratio' and evolution is not null,
            facteur * (1 / b['denominateur'] - 1 / a['denominateur'])
            * ({{ numerateur_dit('a') }} + {{ numerateur_dit('b') }}) / 2,
            null
        ) as effet_denominateur,
        effet_perimetre,
        case
            when evolution is null or ecart_revision is null then null
            when a['millesime'] < millesime_revision and millesime_revision <= b['millesime']
                then cast(ecart_revision as double)
            else 0
        end as effet_revision,
        if(evolution is not null, cast(0 as double), null) as effet_definition,
        if(
            evolution is not null,
            nullif(concat_ws(
                ' ; ',
                case
                    when methode = 'somme' then 'un effectif n''a pas de termes'
                    when methode <> 'ratio' then 'termes non publiés'
                end,
                if(effet_perimetre is null, effet_inconnu, null),
                if(ecart_revision is null, 'révision : pas deux séries à rapprocher', null)
            ), ''),
            null
        ) as effets_motif,
        demonstration
    from evolutions
)

select
    m.* exclude (decimales) replace ( -- noqa: RF02
        -- Euros of two years are not worth the same: what went up may be prices. What went down fell by more.
        if(
            u.monnaie and m.evolution > 0 and m.evolution_lecture in ('favorable', 'defavorable'),
            'neutre', m.evolution_lecture
        ) as evolution_lecture
    ),
    {{ ecart_affiche(
        'm.evolution', 'm.statut', 'm.decimales', 'u', 'm.lisibilite', 'm.evolution_basse', 'm.evolution_haute'
    ) }} as evolution_affichee
from mesurees as m
inner join {{ ref('unites') }} as u on m.unite = u.unite
