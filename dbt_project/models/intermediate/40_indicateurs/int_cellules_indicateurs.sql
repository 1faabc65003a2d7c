-- The cells: every indicateur at every level. fct_indicateurs keeps those of the scope; chiffres_semblables, others.
with cotes as (
    select
        c.*,
        i.methode,
        i.facteur,
        i.decalage,
        coalesce(i.decalage_denominateur, 0) as decalage_denominateur,
        i.part_d_un_tout,
        i.decimales,
        i.univers
    from {{ ref('int_cotes') }} as c
    inner join {{ ref('indicateurs') }} as i on c.indicateur_id = i.indicateur_id
),

seconds as (
    -- What the numerator is divided by or compared with, dated as the numerator it serves. A ratio pairs equal
    -- millésimes unless the dictionary declares a lag; an evolution, two ends of one series.
    select
        *,
        millesime + if(methode = 'ratio', -decalage_denominateur, decalage) as millesime_servi
    from cotes
    where
        (methode = 'ratio' and cote = 'denominateur')
        or (methode in ('evolution', 'difference') and cote = 'numerateur')
),

perimetres as (
    -- Figures with two ends, selected apart: a condition on one side of an outer join makes DuckDB compare every line
    -- of one side with every line of the other.
    select p.*
    from {{ ref('int_perimetres_cotes') }} as p
    inner join {{ ref('indicateurs') }} as i on p.indicateur_id = i.indicateur_id
    where p.cote = 'numerateur' and i.methode in ('evolution', 'difference')
),

quantile as (
    select cast(valeur as double) as z
    from {{ ref('parametres') }}
    where parametre = 'quantile_intervalle'
),

recensements as (
    select list(source_id) as sources
    from {{ ref('int_sources') }}
    where recensement
),

annee_sans_enquete as (
    select max(valeur) as annee
    from {{ ref('parametres') }}
    where parametre = 'annee_sans_enquete_rp'
),

definitions as (
    select
        t.indicateur_id,
        list(
            struct_pack(millesime := r.millesime, source_id := r.source_id, detail := r.detail) order by r.millesime
        ) as changements
    from {{ ref('int_termes') }} as t
    inner join {{ ref('indicateurs') }} as i on t.indicateur_id = i.indicateur_id
    inner join {{ ref('ruptures') }} as r on t.mesure_id = r.mesure_id
    where t.cote = 'numerateur' and i.methode in ('evolution', 'difference')
    group by t.indicateur_id
),

termes as (
    select -- noqa: AM07
        n.indicateur_id,
        n.methode,
        n.facteur,
        n.part_d_un_tout,
        n.decimales,
        n.niveau,
        n.code,
        n.millesime,
        n.champ,
        if(n.methode in ('evolution', 'difference'), s.millesime, null) as millesime_base,
        if(n.methode = 'ratio', s.millesime, null) as millesime_denominateur,
        {% for x, de in [('num', 'n'), ('den', 's')] -%}
            if(l.code is null, {{ de }}.valeur, l.{{ x }}_valeur) as {{ x }},
            if(l.code is null, {{ de }}.enveloppe_basse, l.{{ x }}_enveloppe_basse) as {{ x }}_bas,
            if(l.code is null, {{ de }}.enveloppe_haute, l.{{ x }}_enveloppe_haute) as {{ x }}_haut,
            cast(if(l.code is null, {{ de }}.milieu_basse, l.{{ x }}_milieu_basse) as double) as {{ x }}_milieu_bas,
            cast(if(l.code is null, {{ de }}.milieu_haute, l.{{ x }}_milieu_haute) as double) as {{ x }}_milieu_haut,
            cast(coalesce(if(l.code is null, {{ de }}.variance, l.{{ x }}_variance), 0) as double) as {{ x }}_variance,
        {% endfor -%}
        -- The two ends of an evolution are of one source, one field, one perimeter, a known one, and one definition. Of
        -- several reasons to refuse, the first one is told: in this order, which is that of mart_evolutions.
        list_filter(
            d.changements,
            lambda x: list_has_any(n.sources, [x['source_id']]) -- noqa: RF02
            and x['millesime'] > s.millesime and x['millesime'] <= n.millesime -- noqa: RF02
        )[1] as changement,
        case
            when n.methode not in ('evolution', 'difference') then null
            when not {{ montre('greatest(n.rang_statut, s.rang_statut)') }} then null
            when n.sources <> s.sources then 'sources_differentes'
            when coalesce(n.champ, '') <> coalesce(s.champ, '') then 'champ_different'
            when 'liste_incomplete' in (n.motif_code, s.motif_code) then 'liste_incomplete'
            when not (coalesce(pn.connu, true) and coalesce(ps.connu, true)) then 'perimetre_inconnu'
            when coalesce(pn.ecart, '') <> coalesce(ps.ecart, '') then 'perimetre_modifie'
            when changement is not null then 'definition_modifiee'
            when
                list_has_all(r.sources, n.sources)
                and n.univers <> 'MF'
                and {{ enquete_en_commun('s.millesime', 'n.millesime', 'e.annee') }}
                then 'recensements_trop_proches'
        end as refus_code,
        -- A ratio covers what was read on both sides.
        l.code is not null and {{ montre('greatest(n.rang_statut, s.rang_statut)') }} as lu_en_partie,
        case
            when refus_code is not null or (lu_en_partie and not l.assez) then {{ rang_de('non_disponible') }}
            when den = 0 and {{ montre('n.rang_statut') }} and n.methode <> 'difference'
                then {{ rang_de('sans_objet') }}
            else greatest(n.rang_statut, s.rang_statut)
        end as rang,
        case
            when refus_code is not null then refus_code
            when lu_en_partie then l.motif_code
            when n.rang_statut >= s.rang_statut then n.motif_code
            else s.motif_code
        end as motif_code,
        case
            when refus_code is not null
                then {{ motif_du_refus(
                    'refus_code',
                    ['s.sources', 'n.sources'],
                    ['s.champ', 'n.champ'],
                    'changement',
                    'if(coalesce(ps.connu, true), pn.detail, ps.detail)',
                    'least(pn.modifie_en, ps.modifie_en)'
                ) }}
            when lu_en_partie then l.motif
            when n.rang_statut >= s.rang_statut then n.motif
            else s.motif
        end as motif,
        -- Both terms nearly always have the same sources, already in order.
        case
            when n.sources = s.sources then array_to_string(n.sources, '+')
            else array_to_string(list_sort(list_distinct(list_concat(n.sources, s.sources))), '+')
        end as source_ids
    from cotes as n
    inner join seconds as s
        on
            n.indicateur_id = s.indicateur_id
            and n.niveau = s.niveau
            and n.code = s.code
            and n.millesime = s.millesime_servi
    left join perimetres as pn
        on
            n.indicateur_id = pn.indicateur_id
            and n.niveau = pn.niveau
            and n.code = pn.code
            and n.millesime = pn.millesime
    left join perimetres as ps
        on
            n.indicateur_id = ps.indicateur_id
            and n.niveau = ps.niveau
            and n.code = ps.code
            and s.millesime = ps.millesime
    left join definitions as d on n.indicateur_id = d.indicateur_id
    left join {{ ref('int_ratios_lus') }} as l
        on
            n.indicateur_id = l.indicateur_id
            and n.niveau = l.niveau
            and n.code = l.code
            and n.millesime = l.millesime
    cross join recensements as r
    cross join annee_sans_enquete as e
    where n.cote = 'numerateur'
    union all by name
    select
        indicateur_id,
        methode,
        facteur,
        part_d_un_tout,
        decimales,
        niveau,
        code,
        millesime,
        champ,
        valeur as num,
        enveloppe_basse as num_bas,
        enveloppe_haute as num_haut,
        cast(milieu_basse as double) as num_milieu_bas,
        cast(milieu_haute as double) as num_milieu_haut,
        cast(coalesce(variance, 0) as double) as num_variance,
        cast(0 as double) as den_variance,
        rang_statut as rang,
        motif_code,
        motif,
        array_to_string(sources, '+') as source_ids
    from cotes
    where methode in ('somme', 'publie')
),

mesures_et_quantile as (
    select
        t.*,
        q.z
    from termes as t
    cross join quantile as q
),

valeurs as (
    select
        * exclude (z),
        -- Ordered so that doubles stay where people look: 60 over 50 is exactly 20 % more.
        case methode
            when 'ratio' then {{ quotient('num', 'den') }}
            when 'evolution' then (facteur * (num - den)) / den
            when 'difference' then num - den
            else num
        end as valeur,
        -- Counts are never negative: with an unbounded divisor a ratio may fall to 0, an evolution to -100 %.
        case methode
            when 'ratio' then coalesce({{ quotient('num_bas', 'den_haut') }}, 0)
            when 'evolution' then coalesce((facteur * (num_bas - den_haut)) / den_haut, -facteur)
            when 'difference' then num_bas - den_haut
            else num_bas
        end as enveloppe_basse,
        -- No upper bound when the divisor may be as low as zero.
        case methode
            when 'ratio' then {{ quotient('num_haut', 'nullif(den_bas, 0)') }}
            when 'evolution' then (facteur * (num_haut - den_bas)) / nullif(den_bas, 0)
            when 'difference' then num_haut - den_bas
            else num_haut
        end as enveloppe_haute,
        {{ borne_probable('-', 'num_milieu_bas', 'den_milieu_haut') }} as probable_basse,
        {{ borne_probable('+', 'num_milieu_haut', 'den_milieu_bas') }} as probable_haute,
        case
            when num_variance + den_variance = 0 then 0
            when methode in ('ratio', 'evolution')
                then facteur * sqrt(num_variance + den_variance * (num / den) * (num / den)) / abs(den)
            else sqrt(num_variance + den_variance)
        end as ecart_type_arrondi
    from mesures_et_quantile
),

dites as (
    -- « At least 0 » says nothing.
    select
        * replace (
            if(
                rang = {{ rang_de('partiel') }}
                and enveloppe_haute is null
                and floor(abs(enveloppe_basse) * pow(10, decimales)) = 0,
                {{ rang_de('non_disponible') }},
                rang
            ) as rang
        )
    from valeurs
)

select
    niveau || ':' || code as territoire_id,
    niveau,
    code,
    millesime,
    indicateur_id,
    -- Terms that are rounded apart may be 15 of 10; exact ones that are so are an error of their files, for the gate.
    cast(
        case
            when part_d_un_tout and rang = {{ rang_de('arrondi') }} then least(valeur, 100)
            when {{ montre('rang') }} then valeur
        end as double
    ) as valeur,
    cast(null as varchar) as valeur_texte,
    cast(if({{ montre('rang') }} and den is not null, num, null) as double) as numerateur,
    cast(if({{ montre('rang') }}, den, null) as double) as denominateur,
    cast(if({{ montre('rang') }}, den_haut, null) as double) as denominateur_haut,
    -- The printed interval, at 99 %, never leaves the envelope; for exact terms it is the envelope.
    cast(if({{ montre('rang') }}, greatest(enveloppe_basse, probable_basse), null) as double) as borne_basse,
    -- A share of a whole cannot exceed it, whatever the intervals of its terms say.
    {%- for nom, bout in [('borne', 'least(enveloppe_haute, probable_haute)'), ('enveloppe', 'enveloppe_haute')] %}
        cast(
            if({{ montre('rang') }}, if(part_d_un_tout, least({{ bout }}, 100), {{ bout }}), null) as double
        ) as {{ nom }}_haute,
    {%- endfor %}
    cast(if({{ montre('rang') }}, enveloppe_basse, null) as double) as enveloppe_basse,
    cast(if({{ montre('rang') }}, ecart_type_arrondi, null) as double) as ecart_type_arrondi,
    {{ statut_du_rang('rang') }} as statut,
    case
        when rang = {{ rang_de('sans_objet') }} and den_haut > 0 then 'denominateur_arrondi_a_zero'
        when rang = {{ rang_de('sans_objet') }} then 'denominateur_nul'
        else motif_code
    end as motif_code,
    case
        when rang = {{ rang_de('sans_objet') }} and den_haut > 0 then 'dénominateur arrondi à 0'
        when rang = {{ rang_de('sans_objet') }} then 'dénominateur nul'
        else motif
    end as motif,
    champ,
    millesime_base,
    millesime_denominateur,
    source_ids
from dites
union all by name
-- What is not made of mesures: the facts of a convention, and the zonings.
select
    niveau || ':' || code as territoire_id,
    niveau,
    code,
    millesime,
    indicateur_id,
    valeur,
    valeur_texte,
    numerateur,
    denominateur,
    denominateur as denominateur_haut,
    valeur as borne_basse,
    valeur as borne_haute,
    valeur as enveloppe_basse,
    valeur as enveloppe_haute,
    if(valeur is null, null, 0) as ecart_type_arrondi,
    statut,
    motif_code,
    motif,
    source_id as source_ids
from {{ ref('int_attributs') }}
union all by name
select
    niveau || ':' || code as territoire_id,
    niveau,
    code,
    millesime,
    indicateur_id,
    valeur_texte,
    'observe' as statut,
    source_id as source_ids
from {{ ref('int_attributs_zonages') }}
