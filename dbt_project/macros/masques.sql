{# The figures of a mart under its masks: each column that its contract declares (`meta: {masquee: true}`), as the table
   `cellules` has it where `visible`, NULL elsewhere. One list, the contract's: nothing that masks must blank is named in SQL. A printed text (`masquee: marque`) holds the mark of its statut
   there, and is made from these once they are blank. #}
{% macro chiffres_sous_masque(cellules, visible) -%}
    {%- for nom, type in colonnes_sous_masque().items() %}
    cast(if({{ visible }}, {{ cellules }}.{{ nom }}, null) as {{ type }}) as {{ nom }},
    {%- endfor -%}
{%- endmacro %}

{# Name and type of each of them. A macro of its own because a unit test compiles the mart without its contract, and gives
   the columns here. #}
{% macro colonnes_sous_masque() %}
    {%- set colonnes = {} -%}
    {%- for nom, colonne in model.columns.items() if colonne.meta.masquee == true -%}
        {%- do colonnes.update({nom: colonne.data_type}) -%}
    {%- endfor -%}
    {{ return(colonnes) }}
{% endmacro %}
