{{ config(materialized="view") }}
-- Numerator and denominator of each indicateur, at every level where it exists and every millésime: the signed sum of
-- its terms, with the worst of their statuts. A term that is missing altogether makes the side non_disponible.
--   part = a - b, a = 30 (observe), b = 10 (arrondi)  ->  20, arrondi
--   part = a - b, a = 30, no line for b               ->  non_disponible, 'un terme de la formule manque'
--   taux = a                                          ->  the line of a, as it is
with niveaux as (
    select
        indicateur_id,
        unnest({{ niveaux_indicateur('niveaux') }}) as niveau
    from {{ ref('indicateurs') }}
),

termes as (
    select
        indicateur_id,
        cote,
        mesure_id,
        signe,
        count(*) over (partition by indicateur_id, cote) as nb_attendus
    from {{ ref('int_termes') }}
),

attendues as (
    select
        t.*,
        n.niveau
    from termes as t
    inner join niveaux as n on t.indicateur_id = n.indicateur_id
),

-- Nine sides in ten have one term: nothing to add up.
seules as (
    select
        a.indicateur_id,
        a.cote,
        c.niveau,
        c.code,
        c.millesime,
        c.champ,
        [c.source_id] as sources,
        c.rang_statut,
        c.motif_code,
        c.motif,
        if(a.signe > 0, c.valeur, -c.valeur) as valeur,
        {%- for bout in ['enveloppe', 'milieu'] %}
            if(a.signe > 0, c.{{ bout }}_basse, -c.{{ bout }}_haute) as {{ bout }}_basse,
            if(a.signe > 0, c.{{ bout }}_haute, -c.{{ bout }}_basse) as {{ bout }}_haute,
        {%- endfor %}
        c.variance
    from attendues as a
    inner join {{ ref('int_cellules_mesures') }} as c on a.mesure_id = c.mesure_id and a.niveau = c.niveau
    where a.nb_attendus = 1
),

sommes as (
    select
        a.indicateur_id,
        a.cote,
        c.niveau,
        c.code,
        c.millesime,
        a.nb_attendus,
        sum(a.signe * c.valeur) as valeur,
        {%- for bout in ['enveloppe', 'milieu'] %}
            {%- for bas, haut in [('basse', 'haute'), ('haute', 'basse')] %}
                case
                    when bool_and(if(a.signe > 0, c.{{ bout }}_{{ bas }}, c.{{ bout }}_{{ haut }}) is not null)
                        then sum(if(a.signe > 0, c.{{ bout }}_{{ bas }}, -c.{{ bout }}_{{ haut }}))
                end as {{ bout }}_{{ bas }},
            {%- endfor %}
        {%- endfor %}
        sum(c.variance) as variance,
        max(c.rang_statut) as rang_statut,
        -- The reason of the worst term; the last in alphabetical order where two are as bad.
        max(struct_pack(rang := c.rang_statut, motif := c.motif, code := c.motif_code)) filter (
            where c.motif is not null
        ) as pire,
        min(c.champ) as champ,
        list_sort(list_distinct(list(c.source_id))) as sources,
        count(*) as nb_termes
    from attendues as a
    inner join {{ ref('int_cellules_mesures') }} as c on a.mesure_id = c.mesure_id and a.niveau = c.niveau
    where a.nb_attendus > 1
    group by all
)

select
    indicateur_id,
    cote,
    niveau,
    code,
    millesime,
    champ,
    sources,
    rang_statut,
    motif_code,
    motif,
    if({{ montre('rang_statut') }}, valeur, null) as valeur,
    if({{ montre('rang_statut') }}, enveloppe_basse, null) as enveloppe_basse,
    if({{ montre('rang_statut') }}, enveloppe_haute, null) as enveloppe_haute,
    if({{ montre('rang_statut') }}, milieu_basse, null) as milieu_basse,
    if({{ montre('rang_statut') }}, milieu_haute, null) as milieu_haute,
    if({{ montre('rang_statut') }}, variance, null) as variance
from seules
union all
select
    indicateur_id,
    cote,
    niveau,
    code,
    millesime,
    champ,
    sources,
    case when nb_termes < nb_attendus then {{ rang_de('non_disponible') }} else rang_statut end as rang_statut,
    case when nb_termes < nb_attendus then 'terme_manquant' else pire['code'] end as motif_code,
    case when nb_termes < nb_attendus then 'un terme de la formule manque' else pire['motif'] end as motif,
    if(nb_termes = nb_attendus and {{ montre('rang_statut') }}, valeur, null) as valeur,
    if(nb_termes = nb_attendus and {{ montre('rang_statut') }}, enveloppe_basse, null) as enveloppe_basse,
    if(nb_termes = nb_attendus and {{ montre('rang_statut') }}, enveloppe_haute, null) as enveloppe_haute,
    if(nb_termes = nb_attendus and {{ montre('rang_statut') }}, milieu_basse, null) as milieu_basse,
    if(nb_termes = nb_attendus and {{ montre('rang_statut') }}, milieu_haute, null) as milieu_haute,
    if(nb_termes = nb_attendus and {{ montre('rang_statut') }}, variance, null) as variance
from sommes
