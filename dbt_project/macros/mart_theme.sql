{# The wide mart of a theme, pivoted from fct_indicateurs. Its columns are those of its contract, which is
   generated from the dictionary: one list, not two. #}
{% macro mart_theme(theme) %}
{%- set cles = ['territoire_id', 'niveau', 'code', 'libelle', 'millesime', 'demonstration'] -%}
{%- set indicateurs = {} -%}
{%- for colonne, type in colonnes_du_contrat().items() -%}
    {%- if colonne not in cles and not colonne.endswith('_statut') -%}
        {%- do indicateurs.update({colonne: 'valeur_texte' if type == 'varchar' else 'valeur'}) -%}
    {%- endif -%}
{%- endfor -%}
with theme as (
    select * from {{ ref('fct_indicateurs') }}
    where theme = '{{ theme }}'
),

-- The years of the theme; those of the warehouse when no source of the theme was received.
millesimes as (
    select distinct millesime
    from {{ ref('fct_indicateurs') }}
    where theme = '{{ theme }}' or not exists (select 1 from theme)
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
    cross join millesimes as m
),

colonnes as (
    select
        territoire_id,
        millesime,
        {%- for indicateur, valeur in indicateurs.items() %}
        max({{ valeur }}) filter (where indicateur_id = '{{ indicateur }}') as {{ indicateur }},
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

{# Name and type of each column. A macro of its own because a unit test compiles the mart without its contract, and
   gives the columns here. #}
{% macro colonnes_du_contrat() %}
    {%- set colonnes = {} -%}
    {%- for nom, colonne in model.columns.items() -%}
        {%- do colonnes.update({nom: colonne.data_type}) -%}
    {%- endfor -%}
    {{ return(colonnes) }}
{% endmacro %}
