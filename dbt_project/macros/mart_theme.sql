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
select
    f.territoire_id,
    f.niveau,
    f.code,
    f.libelle,
    f.millesime,
    f.demonstration,
    {%- for indicateur in indicateurs %}
    max(f.valeur) filter (where f.indicateur_id = '{{ indicateur }}') as {{ indicateur }},
    coalesce(max(f.statut) filter (where f.indicateur_id = '{{ indicateur }}'), 'non_disponible')
        as {{ indicateur }}_statut{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('fct_indicateurs') }} as f
where f.theme = '{{ model.name | replace("mart_", "") }}'
group by all
{% endmacro %}
