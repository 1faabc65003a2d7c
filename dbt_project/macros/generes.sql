{# What contracts say, for SQL to loop over. `make setup` writes it in `_generes` (orchestration/generes/dbt.py), with the
   sources and the contracts of the wide marts: a clone has none of it, and dbt would say that a macro is undefined. #}
{% macro ressources_declarees() %}
    {%- if genere__ressources_declarees is not defined %}{% do demander_la_preparation() %}{% endif -%}
    {{ return(genere__ressources_declarees()) }}
{% endmacro %}

{% macro titres_des_sources() %}
    {%- if genere__titres_des_sources is not defined %}{% do demander_la_preparation() %}{% endif -%}
    {{ return(genere__titres_des_sources()) }}
{% endmacro %}

{% macro demander_la_preparation() %}
    {% do exceptions.raise_compiler_error(
        "dbt_project lacks what is written from the contracts of ingestion/sources. Next: run `make setup`"
        ~ " at the root of the project, then dbt again"
    ) %}
{% endmacro %}
