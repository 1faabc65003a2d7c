{# The département of a commune, read in its code: three characters overseas. It is the one that Insee gives, and
   tests/departement_lu_dans_le_code.sql says so of every commune of every COG received. #}
{% macro departement_du_code(code) -%}
    if({{ code }} like '97%', left({{ code }}, 3), left({{ code }}, 2))
{%- endmacro %}
