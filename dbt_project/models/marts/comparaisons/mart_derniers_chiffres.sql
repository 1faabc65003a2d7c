-- The first question of a reader, for each territory and indicateur: the last figure shown, the one before,
-- that of the first year of the convention, and the comparators of the same millésime. Nothing is computed here:
-- figures are those of fct_indicateurs, evolutions and their refusals those of mart_evolutions, gaps and ranks those of
-- mart_comparaisons. Of all France that is half a million lines of a hundred columns: tables of that size are read one
-- after the other, and only what is narrow is held.
{%- set comparateurs = tous_les_comparateurs() %}
{%- set departs = ['precedent', 'base_ctg'] %}
with chiffres as (
    select
        territoire_id,
        niveau,
        code,
        indicateur_id,
        millesime,
        valeur,
        valeur_texte,
        valeur_affichee,
        lisibilite,
        statut,
        motif_code,
        motif,
        champ,
        source_ids,
        methode <> 'attribut' and valeur_texte is null as compare,
        {{ marque_du_statut('statut') }} is null as montre
    from {{ ref('fct_indicateurs') }}
),

-- Figures shown first, the last one before the others: what comes after it is that of before, if it is shown.
rangs as (
    select
        *,
        lead(struct_pack(millesime, valeur, valeur_affichee, statut)) over serie as suivant,
        lead(montre) over serie as suivant_montre,
        row_number() over serie as rang
    from chiffres
    window serie as (partition by territoire_id, indicateur_id order by montre desc, millesime desc)
),

derniers as materialized (
    select
        * exclude (suivant, suivant_montre, rang), -- noqa: RF02
        if(montre and suivant_montre, suivant, null) as precedent
    from rangs
    where rang = 1
),

annees_de_base as (
    select
        niveau,
        code,
        annee
    from {{ ref('int_ctg_bases') }}
    where de_reference
),

bases as (
    select
        c.territoire_id,
        c.indicateur_id,
        arg_min(struct_pack(c.millesime, c.valeur, c.valeur_affichee, c.statut), c.millesime) as base_ctg
    from chiffres as c
    inner join annees_de_base as b on c.niveau = b.niveau and c.code = b.code and c.millesime >= b.annee
    where c.montre
    group by all
),

-- Years received after the last figure shown: few.
silences as (
    select
        c.territoire_id,
        c.indicateur_id,
        arg_max(struct_pack(c.millesime, c.statut, c.motif_code, c.motif), c.millesime) as recent
    from chiffres as c
    inner join derniers as d on c.territoire_id = d.territoire_id and c.indicateur_id = d.indicateur_id
    where d.montre and not c.montre and c.millesime > d.millesime
    group by all
),

evolutions as (
    select
        territoire_id,
        indicateur_id,
        millesime_debut,
        millesime_fin,
        base_ctg,
        struct_pack(
            statut := statut,
            motif_code := motif_code,
            motif := motif,
            reserve_code := reserve_code,
            reserve := reserve,
            evolution := evolution,
            affichee := evolution_affichee,
            relative := evolution_relative,
            lecture := evolution_lecture
        ) as evolution
    from {{ ref('mart_evolutions') }}
),

evolutions_ctg as (
    select *
    from evolutions
    where base_ctg
),

depuis as materialized (
    select
        d.*,
        s.recent,
        a.annee as annee_base_ctg,
        if(b.base_ctg['millesime'] < d.millesime, b.base_ctg, null) as base_ctg,
        p.evolution as depuis_precedent,
        e.evolution as depuis_base_ctg
    from derniers as d
    left join silences as s on d.territoire_id = s.territoire_id and d.indicateur_id = s.indicateur_id
    left join annees_de_base as a on d.niveau = a.niveau and d.code = a.code
    left join bases as b on d.territoire_id = b.territoire_id and d.indicateur_id = b.indicateur_id
    left join evolutions as p
        on
            d.territoire_id = p.territoire_id
            and d.indicateur_id = p.indicateur_id
            and d.millesime = p.millesime_fin
            and d.precedent['millesime'] = p.millesime_debut
    left join evolutions_ctg as e
        on
            d.territoire_id = e.territoire_id
            and d.indicateur_id = e.indicateur_id
            and d.millesime = e.millesime_fin
            and b.base_ctg['millesime'] = e.millesime_debut
),

-- mart_comparaisons has a row for each figure but attributes and texts.
compares as (
    select
        d.*,
        m.borne_basse,
        m.borne_haute,
        {%- for x in comparateurs %}
            m.valeur_{{ x }},
            m.valeur_{{ x }}_statut,
            m.valeur_{{ x }}_affichee,
            {%- if x == 'pairs' %}
                m.valeur_pairs_lisibilite,
                m.valeur_pairs_borne_basse,
                m.valeur_pairs_borne_haute,
            {%- endif %}
            m.ecart_{{ x }},
            m.ecart_{{ x }}_statut,
            m.ecart_{{ x }}_lecture,
            m.ecart_{{ x }}_dit,
            m.reserve_{{ x }}_code,
        {%- endfor %}
        m.groupe_pairs,
        m.nb_pairs,
        m.nb_pairs_sans_valeur,
        m.rang,
        m.rang_au_mieux,
        m.rang_au_pire,
        m.rang_statut,
        m.rang_motif_code,
        m.rang_motif,
        m.nb_ex_aequo,
        m.reserve
    from {{ ref('mart_comparaisons') }} as m
    inner join depuis as d
        on
            m.territoire_id = d.territoire_id
            and m.indicateur_id = d.indicateur_id
            and m.millesime = d.millesime
    where d.compare
    union all by name
    select *
    from depuis
    where not compare
)

select
    c.territoire_id,
    c.niveau,
    t.libelle,
    c.indicateur_id,
    i.libelle as indicateur_libelle,
    i.theme,
    i.unite,
    i.polarite,
    i.prevu,
    c.millesime,
    c.valeur,
    c.valeur_texte,
    c.lisibilite,
    c.valeur_affichee,
    c.borne_basse,
    c.borne_haute,
    c.statut,
    c.motif_code,
    c.motif,
    c.champ,
    c.source_ids,
    c.recent['millesime'] as millesime_plus_recent,
    c.recent['statut'] as statut_plus_recent,
    c.recent['motif_code'] as motif_code_plus_recent,
    c.recent['motif'] as motif_plus_recent,
    c.annee_base_ctg,
    {%- for x in departs %}
        {%- set depuis = 'c.depuis_' ~ x %}
        c.{{ x }}['millesime'] as millesime_{{ x }},
        c.{{ x }}['valeur'] as valeur_{{ x }},
        coalesce(c.{{ x }}['valeur_affichee'], 'na') as valeur_{{ x }}_affichee,
        coalesce(c.{{ x }}['statut'], 'sans_objet') as valeur_{{ x }}_statut,
        {{ depuis }}['evolution'] as evolution_{{ x }},
        coalesce({{ depuis }}['affichee'], 'na') as evolution_{{ x }}_affichee,
        coalesce({{ depuis }}['statut'], 'sans_objet') as evolution_{{ x }}_statut,
        {{ depuis }}['relative'] as evolution_{{ x }}_relative,
        {{ depuis }}['lecture'] as evolution_{{ x }}_lecture,
        {{ depuis }}['motif_code'] as evolution_{{ x }}_motif_code,
        {{ depuis }}['motif'] as evolution_{{ x }}_motif,
        {{ depuis }}['reserve_code'] as evolution_{{ x }}_reserve_code,
        {{ depuis }}['reserve'] as evolution_{{ x }}_reserve,
    {%- endfor %}
    {%- for x in comparateurs %}
        c.valeur_{{ x }},
        coalesce(c.valeur_{{ x }}_affichee, 'na') as valeur_{{ x }}_affichee,
        coalesce(c.valeur_{{ x }}_statut, 'sans_objet') as valeur_{{ x }}_statut,
        {%- if x == 'pairs' %}
            c.valeur_pairs_lisibilite,
            c.valeur_pairs_borne_basse,
            c.valeur_pairs_borne_haute,
        {%- endif %}
        c.ecart_{{ x }},
        coalesce(c.ecart_{{ x }}_statut, 'sans_objet') as ecart_{{ x }}_statut,
        c.ecart_{{ x }}_lecture,
        c.ecart_{{ x }}_dit,
        c.reserve_{{ x }}_code,
    {%- endfor %}
    c.groupe_pairs,
    c.nb_pairs,
    c.nb_pairs_sans_valeur,
    c.rang,
    c.rang_au_mieux,
    c.rang_au_pire,
    coalesce(c.rang_statut, 'sans_objet') as rang_statut,
    c.rang_motif_code,
    c.rang_motif,
    c.nb_ex_aequo,
    c.reserve,
    t.demonstration
from compares as c
inner join {{ ref('dim_territoire') }} as t on c.territoire_id = t.territoire_id
inner join {{ ref('dim_indicateur') }} as i on c.indicateur_id = i.indicateur_id
