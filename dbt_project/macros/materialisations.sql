{#-
How a model becomes a table or a view: by its own name, in one transaction.

Belongs here: the two materializations of this project. Does not belong here: what a model selects.

dbt's own build beside, rename, and drop what was there, so that readers of a database in use miss nothing. No
reader opens the file of a night, and it holds nothing yet: that is three statements more for each model, and
a fifth of what dbt takes. What a first `dbt build` left in the same file is dropped before the second.
-#}
{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}
    {% set cible = this.incorporate(type="table") %}
    {% do refuser_les_crochets(pre_hooks, post_hooks) %}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement("main", language=model.language) -%}
        {{- create_table_as(False, cible, compiled_code, model.language) -}}
    {%- endcall %}
    {% do persist_docs(cible, model) %}
    {% do adapter.commit() %}
    {{ return({"relations": [cible]}) }}
{% endmaterialization %}


{% materialization view, adapter="duckdb" %}
    {% set cible = this.incorporate(type="view") %}
    {% do refuser_les_crochets(pre_hooks, post_hooks) %}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement("main") -%}
        {{- get_create_view_as_sql(cible, sql) -}}
    {%- endcall %}
    {% do persist_docs(cible, model) %}
    {% do adapter.commit() %}
    {{ return({"relations": [cible]}) }}
{% endmaterialization %}


{% macro refuser_les_crochets(avant, apres) %}
    {% if avant or apres %}
        {% do exceptions.raise_compiler_error(
            model.name ~ ": hooks are not run here; write what it needs in the model, or in on-run-end"
        ) %}
    {% endif %}
{% endmacro %}
