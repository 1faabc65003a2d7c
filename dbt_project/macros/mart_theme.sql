{# The wide mart of a theme, pivoted from fct_indicateurs. Its columns are those of its contract, which is
   generated from the dictionary: one list, not two. #}
{% macro mart_theme(theme) %}
{%- set indicateurs = indicateurs_du_contrat() -%}
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

{# The last figures of a theme, pivoted from mart_derniers_chiffres: each value with its own year. #}
{% macro mart_actuel(theme) %}
{%- set indicateurs = indicateurs_du_contrat() -%}
with derniers as (
    select
        territoire_id,
        indicateur_id,
        valeur,
        valeur_texte,
        valeur_affichee,
        lisibilite,
        millesime,
        {{ rang_statut('statut') }} as rang
    from {{ ref('mart_derniers_chiffres') }}
    where theme = '{{ theme }}'
)

select
    t.territoire_id,
    t.niveau,
    t.code,
    t.libelle,
    t.demonstration,
    {%- for indicateur, valeur in indicateurs.items() %}
    {%- set celui_la = "filter (where d.indicateur_id = '" ~ indicateur ~ "')" %}
    max(d.{{ valeur }}) {{ celui_la }} as {{ indicateur }},
    coalesce(max(d.valeur_affichee) {{ celui_la }}, 'nd') as {{ indicateur }}_affichee,
    max(d.lisibilite) {{ celui_la }} as {{ indicateur }}_lisibilite,
    max(d.millesime) {{ celui_la }} as {{ indicateur }}_millesime,
    coalesce({{ statut_du_rang('max(d.rang) ' ~ celui_la) }}, 'non_disponible') as {{ indicateur }}_statut{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('dim_territoire') }} as t
left join derniers as d on t.territoire_id = d.territoire_id
group by all
{% endmacro %}

{# Each indicateur of the contract with the column of the long table that holds its value: the contract gives each a
   statut, and a statut to nothing else. #}
{% macro indicateurs_du_contrat() %}
    {%- set colonnes, indicateurs = colonnes_du_contrat(), {} -%}
    {%- for nom, type in colonnes.items() if nom ~ '_statut' in colonnes -%}
        {%- do indicateurs.update({nom: 'valeur_texte' if type == 'varchar' else 'valeur'}) -%}
    {%- endfor -%}
    {{ return(indicateurs) }}
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
