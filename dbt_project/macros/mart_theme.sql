{# The wide mart of a theme, pivoted from fct_indicateurs. Its columns are those of its contract, which is
   generated from the dictionary: one list, not two. #}
{% macro mart_theme() %}
{%- set cles = ['territoire_id', 'niveau', 'code', 'libelle', 'millesime', 'demonstration'] -%}
{%- set indicateurs = [] -%}
{%- for colonne in model.columns -%}
    {%- if colonne not in cles and not colonne.endswith('_statut') -%}
        {%- do indicateurs.append(colonne) -%}
    {%- endif -%}
{%- endfor -%}
with theme as (
    select * from {{ ref('fct_indicateurs') }}
    where theme = '{{ model.name | replace("mart_", "") }}'
),

-- Every territory of the scope has its line, even where nothing was received for it.
lignes as (
    select
        t.territoire_id,
        t.niveau,
        t.code,
        t.libelle,
        m.millesime,
        t.demonstration
    from {{ ref('dim_territoire') }} as t
    cross join (select distinct millesime from theme) as m
),

colonnes as (
    select
        territoire_id,
        millesime,
        {%- for indicateur in indicateurs %}
        max(valeur) filter (where indicateur_id = '{{ indicateur }}') as {{ indicateur }},
        max(statut) filter (where indicateur_id = '{{ indicateur }}') as {{ indicateur }}_statut{{ ',' if not loop.last }}
        {%- endfor %}
    from theme
    group by all
)

select
    l.territoire_id,
    l.niveau,
    l.code,
    l.libelle,
    l.millesime,
    l.demonstration,
    {%- for indicateur in indicateurs %}
    c.{{ indicateur }},
    coalesce(c.{{ indicateur }}_statut, 'non_disponible') as {{ indicateur }}_statut{{ ',' if not loop.last }}
    {%- endfor %}
from lignes as l
left join colonnes as c on l.territoire_id = c.territoire_id and l.millesime = c.millesime
{% endmacro %}
