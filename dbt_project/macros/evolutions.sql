{#- Which figures are set side by side: one row per pair, and what each pair is.

    `points`: a CTE of (numero, territoire_id, niveau, code, indicateur_id, millesime, montre), one row per figure
    of a series. Returns (debut, fin, consecutifs, extremes, base_ctg), two `numero` and three booleans. -#}
{% macro paires_d_annees(points) -%}
-- The neighbours of each figure in its series: among all figures, then among those shown.
with suites as (
    select
        *,
        lag(numero) over serie as precedent,
        first_value(numero) over serie as premier,
        lead(numero) over serie is null as dernier,
        lag(if(montre, numero, null) ignore nulls) over serie as montre_precedent,
        last_value(if(montre, numero, null) ignore nulls) over (
            serie rows between unbounded preceding and unbounded following
        ) as dernier_montre
    from {{ points }}
    window serie as (partition by territoire_id, indicateur_id order by millesime)
),

conventionnes as (
    select distinct
        niveau,
        code
    from {{ ref('int_ctg_bases') }}
),

montres as (
    select
        s.territoire_id,
        s.niveau,
        s.code,
        s.indicateur_id,
        s.millesime,
        s.numero,
        s.montre_precedent as precedent,
        s.dernier_montre as le_dernier,
        s.niveau <> 'commune' or b.code is not null as suivi
    from suites as s
    left join conventionnes as b on s.niveau = b.niveau and s.code = b.code
    where s.montre
),

-- Where a convention starts without a figure, the first one shown after its first year stands for it.
bases as (
    select
        m.territoire_id,
        m.indicateur_id,
        b.annee,
        arg_min(m.numero, m.millesime) as numero,
        any_value(m.le_dernier) as le_dernier
    from montres as m
    inner join {{ ref('int_ctg_bases') }} as b on m.niveau = b.niveau and m.code = b.code and m.millesime >= b.annee
    group by m.territoire_id, m.indicateur_id, b.annee
),

paires as (
    select
        precedent as debut,
        numero as fin,
        'consecutifs' as genre
    from suites
    where precedent is not null
    union all
    select
        premier as debut,
        numero as fin,
        'extremes' as genre
    from suites
    where dernier and premier <> numero
    union all
    select
        precedent as debut,
        numero as fin,
        'montres' as genre
    from montres
    where numero = le_dernier and precedent is not null
    union all
    select
        d.numero as debut,
        f.numero as fin,
        'montres' as genre
    from montres as d
    inner join montres as f
        on
            d.territoire_id = f.territoire_id
            and d.indicateur_id = f.indicateur_id
            and d.millesime < f.millesime
    where d.suivi and f.suivi
    union all
    select
        numero as debut,
        le_dernier as fin,
        'base_ctg' as genre
    from bases
    where numero <> le_dernier
)

select
    debut,
    fin,
    bool_or(genre = 'consecutifs') as consecutifs,
    bool_or(genre = 'extremes') as extremes,
    bool_or(genre = 'base_ctg') as base_ctg
from paires
group by debut, fin
{%- endmacro %}
