{# The figures of a mart under its masks: each column that its contract declares (`meta: {masquee: true}`), as the table
   `cellules` has it where `visible`, NULL elsewhere. The contract is the only list of columns to blank: SQL names none. Printed
   columns (`masquee: marque`) are made afterwards, from the blanked numbers, so that they show `s`, `nd` or `na`. #}
{% macro chiffres_sous_masque(cellules, visible) -%}
    {%- for nom, type in colonnes_sous_masque().items() %}
    cast(if({{ visible }}, {{ cellules }}.{{ nom }}, null) as {{ type }}) as {{ nom }},
    {%- endfor -%}
{%- endmacro %}

{# Beside them, their statut and its reason: those of the mask where it blanks them. #}
{% macro statut_sous_masque(cellules, visible) %}
    if({{ visible }}, {{ cellules }}.statut, 'secret') as statut,
    if({{ visible }}, {{ cellules }}.motif_code, 'secret_statistique') as motif_code,
    if({{ visible }}, {{ cellules }}.motif, 'secret statistique') as motif,
{%- endmacro %}

{# Name and type of each column to blank. A macro of its own because a unit test compiles the mart without its contract, and gives
   the columns here. #}
{% macro colonnes_sous_masque() %}
    {%- set colonnes = {} -%}
    {%- for nom, colonne in model.columns.items() if colonne.meta.masquee == true -%}
        {%- do colonnes.update({nom: colonne.data_type}) -%}
    {%- endfor -%}
    {{ return(colonnes) }}
{% endmacro %}
