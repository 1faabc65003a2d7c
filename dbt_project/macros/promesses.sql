{# When dbt ends: by name, the promises of tables that do not hold (tests/generic/promesses.sql). A test that failed says
   how many there are, and not which. The rows stay in the compiled test: a log is kept, and rows may be foyers. #}
{% macro dire_les_promesses_rompues(results) %}
    {%- if execute -%}
        {%- for resultat in results if resultat.status in ('fail', 'warn') -%}
            {%- if resultat.node.test_metadata and resultat.node.test_metadata.name == 'promesses' -%}
                {%- for ligne in run_query(resultat.node.compiled_code).rows -%}
                    {%- do log(
                        'Broken promise of ' ~ resultat.node.attached_node.split('.')[-1] ~ ': ' ~ ligne[0]
                        ~ ' (' ~ ligne[1] ~ ')', info=true
                    ) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
