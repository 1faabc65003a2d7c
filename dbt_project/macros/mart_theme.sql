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
    select
        territoire_id,
        millesime,
        indicateur_id,
        valeur,
        valeur_texte,
        -- A number is pivoted several times faster than its name; there is one per cell, so none is compared.
        {{ rang_statut('statut') }} as rang
    from {{ ref('fct_indicateurs') }}
    where theme = '{{ theme }}'
),

-- The newest year of the theme; that of the warehouse when no source of the theme was received.
derniere as (
    select coalesce(max(millesime) filter (where theme = '{{ theme }}'), max(millesime)) as millesime
    from {{ ref('fct_indicateurs') }}
),

-- The years of each territory that the theme has a word on, and one line where it has none: nobody is left out, and
-- years of silence do not fill the table.
annees as (
    select distinct
        territoire_id,
        millesime
    from theme
),

lignes as (
    select
        t.territoire_id,
        t.niveau,
        t.code,
        t.libelle,
        coalesce(a.millesime, d.millesime) as millesime,
        t.demonstration
    from {{ ref('dim_territoire') }} as t
    left join annees as a on t.territoire_id = a.territoire_id
    cross join derniere as d
),

colonnes as (
    select
        territoire_id,
        millesime,
        {%- for indicateur, valeur in indicateurs.items() %}
        max({{ valeur }}) filter (where indicateur_id = '{{ indicateur }}') as {{ indicateur }},
        max(rang) filter (where indicateur_id = '{{ indicateur }}') as {{ indicateur }}_rang{{ ',' if not loop.last }}
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
    coalesce({{ statut_du_rang('c.' ~ indicateur ~ '_rang') }}, 'non_disponible') as {{ indicateur }}_statut{{ ',' if not loop.last }}
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
