-- Each figure beside those of its EPCI, département, région and France, and among its peers. One row per row of
-- fct_indicateurs but attributes and texts, which are not figures. The wider territory is the one that dim_territoire
-- names: an EPCI over several départements has none, its communes each have theirs. Ranks count from the highest,
-- whatever is better; a territory is not in the median that it is set beside. What is no point (`lisibilite`) has no
-- rank, and its gaps no reading; it is a peer of others by its interval (medians without those that may be zero would
-- be those of the others), or none where it rests on too few. A share of too few people of the census has no rank,
-- nor what a list that is not whole counts: neither is a peer of others, and no gap is drawn from the latter, which
-- is a floor. Nor has a figure whose interval meets that of a peer: it is between two ranks, the highest and the
-- lowest that roundings allow.
-- How a gap reads is decided here, for every form: `ecart_<x>_dit` says on which side of its comparator a figure is,
-- or that both are close; `ecart_<x>_lecture`, whether that is good. What rests on under twenty in its numerator or in
-- what it leaves is printed, and nothing more is said of it.
-- Built once the evolutions are: side by side, on a country, each takes the memory that the other needs to end.
-- depends_on: {{ ref('mart_evolutions') }}
{%- set niveaux = niveaux_comparateurs() %}
{%- set comparateurs = tous_les_comparateurs() %}
with origines as (
    {{ sources_des_chiffres(['fct_indicateurs', 'chiffres_semblables']) }}
),

seuils as (
    select
        max(valeur) filter (where parametre = 'pairs_minimum') as pairs_minimum,
        max(valeur) filter (where parametre = 'effectif_minimal_rp') as effectif_minimal,
        cast(max(valeur) filter (where parametre = 'quantile_intervalle') as double) as quantile
    from {{ ref('parametres') }}
),

seuils_lus as (
    {{ seuils_de_lisibilite() }}
),

chiffres as materialized (
    select
        row_number() over () as numero,
        f.territoire_id,
        f.niveau,
        f.libelle,
        f.millesime,
        f.indicateur_id,
        f.theme,
        f.unite,
        i.polarite,
        i.decimales,
        i.comparable,
        i.ecart_minimal,
        i.ecart_minimal_relatif,
        i.assise_minimale,
        f.valeur,
        f.valeur_affichee,
        f.lisibilite,
        f.statut,
        {{ rang_statut('f.statut') }} as rang_statut,
        f.motif,
        f.borne_basse,
        f.borne_haute,
        -- An unknown bound never makes a gap significant.
        coalesce(f.borne_basse, cast('-infinity' as double)) as basse,
        coalesce(f.borne_haute, cast('infinity' as double)) as haute,
        f.ecart_type_arrondi as ecart_type,
        f.champ,
        f.source_ids,
        o.familles as source,
        {{ repose_sur_peu('f', 'i') }} as sans_assise,
        -- The figure rests on too few to be compared with others.
        sans_assise
        or coalesce(
            {{ du_recensement('o', 'i') }}
            and i.methode = 'ratio'
            and least(f.numerateur, f.denominateur) < seuils.effectif_minimal,
            false
        )
        or coalesce(f.lisibilite = 'trop_peu', false) as de_peu,
        coalesce(f.motif_code = 'liste_incomplete', false) as plancher,
        f.valeur is not null and not de_peu and not plancher as est_un_pair,
        f.demonstration
    from (
        select * from {{ ref('fct_indicateurs') }}
        union all by name
        select * from {{ ref('chiffres_semblables') }}
    ) as f
    inner join {{ ref('dim_indicateur') }} as i on f.indicateur_id = i.indicateur_id
    inner join origines as o on f.source_ids = o.source_ids
    cross join seuils
    -- Asked of the dictionary, of which DuckDB knows the size: asked of the figures, it takes them for five times fewer
    -- than they are, and holds all of a country to be joined to its EPCI.
    where i.methode <> 'attribut' and f.valeur_texte is null
),

liens as (
    select
        {%- for niveau in niveaux %}
            {{ id_du_comparateur(niveau, 't') }} as {{ niveau }}_id,
        {%- endfor %}
        t.territoire_id
    from {{ ref('dim_territoire') }} as t
),

membres as (
    select
        territoire_id,
        groupe_id as groupe,
        groupe_libelle,
        est_le_sien,
        count(*) over (partition by groupe_id) as nb_membres
    from {{ ref('pairs_territoires') }}
),

-- The numbers of the figures alone: they are put in order, then read. Of communes and départements, each in one group.
chiffres_des_membres as (
    select
        c.numero,
        m.groupe,
        c.millesime,
        c.indicateur_id,
        c.valeur,
        c.basse,
        c.haute,
        c.rang_statut,
        c.source,
        -- 5 in 7 is equal to 75 in 105, whatever quotients of doubles leave beyond the ninth decimal.
        round(-c.valeur, 9) as ordre,
        round(-c.haute, 9) as ordre_au_mieux,
        round(-c.basse, 9) as ordre_au_pire
    from chiffres as c
    inner join membres as m on c.territoire_id = m.territoire_id
    where c.est_un_pair and c.niveau <> 'epci'
),

pairs as materialized (
    select
        row_number() over () as serie,
        groupe,
        millesime,
        indicateur_id,
        count(*) as nb_pairs,
        {%- for x in ['valeur', 'basse', 'haute'] %}
            {{ milieu(x) }} as milieu_{{ x }},
        {%- endfor %}
        max(rang_statut) as rang_statut,
        bool_or(ordre_au_mieux < ordre_au_pire) as floues,
        min(source) <> max(source) as sources_melees
    from chiffres_des_membres
    group by groupe, millesime, indicateur_id
),

epci as (
    select
        *,
        round(-valeur, 9) as ordre,
        round(-haute, 9) as ordre_au_mieux,
        round(-basse, 9) as ordre_au_pire
    from chiffres
    where niveau = 'epci'
),

-- An EPCI is in the groups of several others: each figure meets those of its own peers, and none is put in order.
semblables as (
    select
        c.numero,
        count(*) as nb_autres,
        {%- for x in ['valeur', 'basse', 'haute'] %}
            {{ milieu('m.' ~ x) }} as milieu_{{ x }},
        {%- endfor %}
        max(m.rang_statut) as rang_statut,
        min(m.source) as premiere_source,
        max(m.source) as derniere_source,
        count(*) filter (where m.ordre < c.ordre) as devant,
        count(*) filter (
            where m.ordre = c.ordre and m.basse = m.haute and c.basse = c.haute
        ) as egaux,
        count(*) filter (where m.ordre_au_pire < c.ordre_au_mieux) as devant_au_mieux,
        count(*) filter (where m.ordre_au_mieux < c.ordre_au_pire) as devant_au_pire
    from epci as c
    inner join membres as s on c.territoire_id = s.territoire_id and s.est_le_sien
    inner join membres as g on s.groupe = g.groupe and s.territoire_id <> g.territoire_id
    inner join epci as m
        on
            g.territoire_id = m.territoire_id
            and c.millesime = m.millesime
            and c.indicateur_id = m.indicateur_id
            and m.est_un_pair
    group by c.numero
),

-- Each figure and the median of its peers: its own is none of them.
medianes_lues as (
    select
        c.*,
        m.groupe_libelle,
        m.nb_membres,
        -- With its peers where it is one of them.
        c.niveau = 'epci' and c.est_un_pair and m.groupe is not null as parmi_eux,
        coalesce(
            p.sources_melees,
            s.premiere_source <> s.derniere_source or (parmi_eux and c.source <> s.premiere_source)
        ) as sources_melees,
        coalesce(p.nb_pairs, coalesce(s.nb_autres, 0) + cast(parmi_eux as bigint)) as nb_pairs,
        if(parmi_eux, 1 + coalesce(s.devant, 0), null) as rang_epci,
        if(parmi_eux, 1 + coalesce(s.devant_au_mieux, 0), null) as rang_epci_au_mieux,
        if(parmi_eux, 1 + coalesce(s.devant_au_pire, 0), null) as rang_epci_au_pire,
        if(parmi_eux, coalesce(s.egaux, 0), null) as egaux,
        {%- for x in ['valeur', 'basse', 'haute'] %}
            coalesce(
                {{ mediane_des_autres('p.milieu_' ~ x, 'if(c.est_un_pair, c.' ~ x ~ ', null)', 'p.nb_pairs') }},
                {{ mediane_des_autres('s.milieu_' ~ x, 'null', 's.nb_autres') }}
            ) as mediane_{{ x }},
        {%- endfor %}
        if(
            mediane_valeur is null,
            null,
            coalesce(p.rang_statut, greatest(s.rang_statut, if(parmi_eux, c.rang_statut, null)))
        ) as mediane_rang_statut,
        if(isfinite(mediane_basse), mediane_basse, null) as mediane_borne_basse,
        if(isfinite(mediane_haute), mediane_haute, null) as mediane_borne_haute
    from chiffres as c
    left join membres as m on c.territoire_id = m.territoire_id and m.est_le_sien
    left join pairs as p
        on m.groupe = p.groupe and c.millesime = p.millesime and c.indicateur_id = p.indicateur_id
    left join semblables as s on c.numero = s.numero
),

-- A median of intervals is as sure as they are, and is printed as they are. One step each: what a select names again is
-- written again, and a text names its numbers many times.
medianes_lisibles as (
    select
        c.*,
        {{ lisibilite(
            'c.mediane_valeur', 'c.mediane_borne_basse', 'c.mediane_borne_haute', 'null',
            statut_du_rang('c.mediane_rang_statut'), 'c.decimales', 'u', 'seuils_lus'
        ) }} as mediane_lisibilite
    from medianes_lues as c
    inner join {{ ref('unites') }} as u on c.unite = u.unite
    cross join seuils_lus
),

medianes_ecrites as (
    select
        *,
        {{ nombres_ecrits(
            'mediane_valeur', 'decimales', 'mediane_lisibilite', 'mediane_borne_basse', 'mediane_borne_haute'
        ) }} as mediane_ecrits
    from medianes_lisibles
),

medianes as (
    select
        c.*,
        struct_pack(
            valeur := c.mediane_valeur,
            valeur_affichee := if(c.mediane_valeur is null, null, {{ valeur_affichee(
                'c.mediane_valeur', 'null', statut_du_rang('c.mediane_rang_statut'), 'u', 'c.mediane_lisibilite',
                'c.mediane_ecrits'
            ) }}),
            lisibilite := c.mediane_lisibilite,
            rang_statut := c.mediane_rang_statut,
            basse := c.mediane_basse,
            haute := c.mediane_haute,
            -- Its interval is made of theirs: how their noises meet in a median is not known.
            ecart_type := cast(0 as double)
        ) as pairs
    from medianes_ecrites as c
    inner join {{ ref('unites') }} as u on c.unite = u.unite
),

ordres as (
    select
        c.numero,
        p.serie,
        p.floues,
        c.ordre,
        c.ordre_au_mieux,
        c.ordre_au_pire
    from chiffres_des_membres as c
    inner join pairs as p
        on c.groupe = p.groupe and c.millesime = p.millesime and c.indicateur_id = p.indicateur_id
),

places as (
    -- Equal figures share the rank, and the next one is that of as many territories further down.
    select
        numero,
        rank() over serie as rang,
        -- Only exact values can be equal: an interval that begins or ends there proves no equality.
        if(
            ordre_au_mieux = ordre_au_pire,
            count(*) filter (where ordre_au_mieux = ordre_au_pire)
                over (serie range between current row and current row)
            - 1,
            0
        ) as nb_ex_aequo
    from ordres
    window serie as (partition by serie order by ordre)
),

bouts as (
    -- Both ends of each interval, where some interval of the series has two.
    select
        numero,
        serie,
        unnest([true, false]) as au_mieux,
        unnest([ordre_au_mieux, ordre_au_pire]) as ordre,
        ordre_au_mieux < ordre_au_pire as flou
    from ordres
    where floues
),

bouts_des_autres as (
    -- A 9 to 10, B 9,4 to 9,6, C 11, from the lowest: before the best end of C lie two worst ends, so that it is third
    -- at best; before the worst end of A lie two best ends, its own and that of B, so that it is second at worst. Ranks
    -- among both kinds of ends less ranks among its own kind count the ends of the other kind that lie before.
    select
        numero,
        au_mieux,
        flou,
        rank() over (partition by serie order by ordre)
        - rank() over (partition by serie, au_mieux order by ordre) as avant
    from bouts
),

places_possibles as (
    select
        numero,
        1 + max(avant) filter (where au_mieux) as rang_au_mieux,
        1 + max(avant - if(flou, 1, 0)) filter (where not au_mieux) as rang_au_pire
    from bouts_des_autres
    group by numero
),

-- What the others are set beside: few territories, so that the joins hold little.
reperes as materialized (
    select
        territoire_id,
        niveau,
        millesime,
        indicateur_id,
        valeur,
        valeur_affichee,
        lisibilite,
        rang_statut,
        motif,
        basse,
        haute,
        ecart_type,
        champ,
        source_ids,
        source,
        sans_assise,
        plancher
    from chiffres
    where niveau in ('{{ niveaux.keys() | join("', '") }}') -- noqa: LT05
),

cote_a_cote as (
    select
        c.*,
        i.libelle as indicateur_libelle,
        {%- for niveau in niveaux %}
            l.{{ niveau }}_id,
        {%- endfor %}
        coalesce(places.rang, c.rang_epci) as rang,
        coalesce(possibles.rang_au_mieux, places.rang, c.rang_epci_au_mieux) as rang_au_mieux,
        coalesce(possibles.rang_au_pire, places.rang, c.rang_epci_au_pire) as rang_au_pire,
        coalesce(places.nb_ex_aequo, c.egaux) as nb_ex_aequo,
        {%- for x in comparateurs %}
            {{ x }}.valeur as valeur_{{ x }},
            {{ x }}.valeur_affichee as valeur_{{ x }}_affichee,
            {{ x }}.lisibilite as lisibilite_{{ x }},
            {{ x }}.rang_statut as rang_statut_{{ x }},
            c.plancher{% if x in niveaux %} or coalesce({{ x }}.plancher, false){% endif %} as plancher_{{ x }},
            if(c.comparable and not plancher_{{ x }}, c.valeur - {{ x }}.valeur, null) as ecart_{{ x }},
            {{ bout_de_l_ecart('-', 'c.%s', x ~ '.%s', 'seuils.quantile') }} as ecart_{{ x }}_basse,
            {{ bout_de_l_ecart('+', 'c.%s', x ~ '.%s', 'seuils.quantile') }} as ecart_{{ x }}_haute,
            {{ largeur_de_proche('c.valeur', x ~ '.valeur', 'c.ecart_minimal', 'c.ecart_minimal_relatif') }}
                as largeur_{{ x }},
            -- Whether the gap may be read at all: of two points that rest on enough.
            c.sans_assise
            or c.lisibilite <> 'point'
            or {{ x }}.lisibilite <> 'point'
            {% if x in niveaux %}or coalesce({{ x }}.sans_assise, false){% endif %} as illisible_{{ x }},
        {%- endfor %}
        {%- for niveau in niveaux %}
            {{ niveau }}.motif as motif_{{ niveau }},
            {{ niveau }}.champ as champ_{{ niveau }},
            {{ niveau }}.source_ids as source_ids_{{ niveau }},
            {{ niveau }}.sans_assise as sans_assise_{{ niveau }},
            case
                when l.{{ niveau }}_id is null then null
                when {{ niveau }}.territoire_id is null then 'sans_ligne'
                when {{ niveau }}.valeur is null then 'sans_valeur'
                when {{ niveau }}.plancher then 'liste_incomplete'
                when coalesce({{ niveau }}.champ, '') <> coalesce(c.champ, '')
                    then if({{ niveau }}.source <> c.source, 'champ_et_source', 'champ')
                when {{ niveau }}.source <> c.source then 'source'
            end as reserve_{{ niveau }}_code,
        {%- endfor %}
        if(c.sources_melees, 'source', null) as reserve_pairs_code,
        case
            when c.groupe_libelle is null then null
            when c.plancher then 'liste_incomplete'
            when c.nb_pairs < seuils.pairs_minimum then 'trop_peu_de_pairs'
            when c.lisibilite = 'trop_peu' or c.sans_assise then 'trop_peu'
            when c.lisibilite = 'intervalle' then 'chiffre_incertain'
            when c.de_peu then 'effectif_trop_faible'
            when
                coalesce(
                    possibles.rang_au_mieux < possibles.rang_au_pire, c.rang_epci_au_mieux < c.rang_epci_au_pire
                )
                then 'intervalles_se_recouvrent'
        end as rang_motif_code,
        c.groupe_libelle is not null and rang_motif_code is null as classes,
        classes or coalesce(rang_motif_code = 'intervalles_se_recouvrent', false) as situes,
        seuils.pairs_minimum,
        seuils.effectif_minimal
    from medianes as c
    cross join seuils
    inner join {{ ref('dim_indicateur') }} as i on c.indicateur_id = i.indicateur_id
    inner join liens as l on c.territoire_id = l.territoire_id
    left join places on c.numero = places.numero
    left join places_possibles as possibles on c.numero = possibles.numero
    {%- for niveau in niveaux %}
        left join reperes as {{ niveau }}
            on
                l.{{ niveau }}_id = {{ niveau }}.territoire_id
                and c.millesime = {{ niveau }}.millesime
                and c.indicateur_id = {{ niveau }}.indicateur_id
                and {{ niveau }}.niveau = '{{ niveau }}'
    {%- endfor %}
)

select
    territoire_id,
    niveau,
    libelle,
    millesime,
    indicateur_id,
    indicateur_libelle,
    theme,
    unite,
    polarite,
    valeur,
    lisibilite,
    valeur_affichee,
    statut,
    borne_basse,
    borne_haute,
    {%- for x in comparateurs %}
        {%- set existe = 'nb_pairs > 0' if x == 'pairs' else x ~ '_id is not null' %}
        valeur_{{ x }},
        if({{ existe }}, coalesce({{ statut_du_rang('rang_statut_' ~ x) }}, 'non_disponible'), 'sans_objet')
            as valeur_{{ x }}_statut,
        coalesce(valeur_{{ x }}_affichee, if({{ existe }}, 'nd', 'na')) as valeur_{{ x }}_affichee,
        {%- if x == 'pairs' %}
            lisibilite_pairs as valeur_pairs_lisibilite,
            mediane_borne_basse as valeur_pairs_borne_basse,
            mediane_borne_haute as valeur_pairs_borne_haute,
        {%- endif %}
        ecart_{{ x }},
        if(
            {{ existe }} and comparable,
            {{ statut_du_rang(
                'greatest(rang_statut, coalesce(if(plancher_' ~ x ~ ', null, rang_statut_' ~ x ~ '), '
                ~ rang_de('non_disponible') ~ '))'
            ) }},
            'sans_objet'
        ) as ecart_{{ x }}_statut,
        {{ lecture(
            'ecart_' ~ x,
            'ecart_' ~ x ~ '_basse',
            'ecart_' ~ x ~ '_haute',
            'polarite',
            'decimales',
            '(de_peu or illisible_' ~ x ~ ' or ' ~ est_proche('ecart_' ~ x, 'decimales', 'largeur_' ~ x) ~ ')'
        ) }}
            as ecart_{{ x }}_lecture,
        {{ place_dite(
            'ecart_' ~ x,
            'ecart_' ~ x ~ '_basse',
            'ecart_' ~ x ~ '_haute',
            'decimales',
            'largeur_' ~ x,
            'illisible_' ~ x ~ ' or reserve_' ~ x ~ '_code is not null' ~ (' or not situes' if x == 'pairs' else '')
        ) }}
            as ecart_{{ x }}_dit,
        reserve_{{ x }}_code,
    {%- endfor %}
    groupe_libelle as groupe_pairs,
    nb_pairs,
    nb_membres - nb_pairs as nb_pairs_sans_valeur,
    if(classes, cast(rang as bigint), null) as rang,
    if(situes, cast(rang_au_mieux as bigint), null) as rang_au_mieux,
    if(situes, cast(rang_au_pire as bigint), null) as rang_au_pire,
    if(classes, {{ statut_du_rang('greatest(rang_statut, rang_statut_pairs)') }}, 'sans_objet') as rang_statut,
    rang_motif_code,
    case rang_motif_code
        when 'trop_peu_de_pairs'
            then 'trop peu de pairs ont une valeur : ' || nb_pairs || ', il en faut ' || cast(pairs_minimum as integer)
        when 'effectif_trop_faible'
            then concat(
                'part de moins de ', cast(effectif_minimal as integer),
                ' au recensement, à manier avec prudence (Insee)'
            )
        when 'trop_peu' then 'trop peu pour être classé'
        when 'chiffre_incertain' then 'chiffre trop incertain pour être classé : ' || valeur_affichee
        when 'liste_incomplete' then 'liste incomplète : il peut y en avoir davantage'
        when 'intervalles_se_recouvrent'
            then 'les intervalles se recouvrent : du rang ' || rang_au_mieux || ' au rang ' || rang_au_pire
    end as rang_motif,
    if(classes, nb_ex_aequo, null) as nb_ex_aequo,
    nullif(
        concat_ws(
            ' ; ',
            if(comparable, null, 'effectif ou montant : l''écart ne dirait que la taille'),
            if(comparable and lisibilite <> 'point', 'chiffre trop incertain : aucun écart ne s''en lit', null),
            if(
                comparable and lisibilite = 'point' and sans_assise,
                'repose sur moins de ' || cast(assise_minimale as integer) || ' : aucun écart ne s''en lit',
                null
            ),
            if(plancher and comparable, 'liste incomplète : aucun écart n''en est tiré', null),
            {%- for niveau, nom in niveaux.items() %}
                {%- set sources_de = nommer_sources("string_split(source_ids_" ~ niveau ~ ", '+')") %}
                case reserve_{{ niveau }}_code
                    when 'sans_ligne' then '{{ nom }} : aucun chiffre pour ce millésime'
                    when 'sans_valeur' then '{{ nom }} : ' || motif_{{ niveau }}
                    when 'liste_incomplete' then '{{ nom }} : liste incomplète'
                    when 'champ' then '{{ nom }} : champ ' || coalesce(champ_{{ niveau }}, 'entier')
                    when 'source' then '{{ nom }} : source ' || {{ sources_de }}
                    when 'champ_et_source'
                        then concat(
                            '{{ nom }} : champ ', coalesce(champ_{{ niveau }}, 'entier'),
                            ', source ', {{ sources_de }}
                        )
                    else
                        case
                            when not comparable then null
                            when lisibilite_{{ niveau }} <> 'point' then '{{ nom }} : chiffre trop incertain'
                            when sans_assise_{{ niveau }}
                                then '{{ nom }} : repose sur moins de ' || cast(assise_minimale as integer)
                        end
                end,
            {%- endfor %}
            if(reserve_pairs_code is null, null, 'pairs : sources différentes'),
            if(comparable and lisibilite_pairs <> 'point', 'pairs : médiane trop incertaine', null)
        ),
        ''
    ) as reserve,
    demonstration
from cote_a_cote
