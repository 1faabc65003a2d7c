{# What a model declares in `constraints`: its key, the columns that are never empty, and where the values of others are
   found. Nothing of a seed, which dbt knows no constraint of. #}
{% macro contraintes_de(nom) %}
    {%- set dites = {'cle': [], 'sans_vide': [], 'liens': {}} -%}
    {%- if execute and 'model.' ~ project_name ~ '.' ~ nom in graph.nodes -%}
        {%- set modele = graph.nodes['model.' ~ project_name ~ '.' ~ nom] -%}
        {%- for contrainte in modele.constraints -%}
            {%- if contrainte.type == 'foreign_key' -%}
                {%- set mots = modules.re.findall('[a-z0-9_]+', contrainte.to or contrainte.expression) -%}
                {%- set table, champ = (mots[-1], contrainte.to_columns[0]) if contrainte.to else mots -%}
                {%- set lie = graph.nodes['model.' ~ project_name ~ '.' ~ table] -%}
                {%- set relation = api.Relation.create(lie.database, lie.schema, lie.alias) -%}
                {%- do dites.liens.update({contrainte.columns[0]: {'to': relation, 'field': champ}}) -%}
            {%- else -%}
                {%- do dites.cle.extend(contrainte.columns) -%}
                {%- do dites.sans_vide.extend(contrainte.columns if contrainte.type == 'primary_key' else []) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for colonne in modele.columns.values() if colonne.name not in dites.sans_vide -%}
            {%- if 'not_null' in colonne.constraints | map(attribute='type') -%}
                {%- do dites.sans_vide.append(colonne.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(dites) }}
{% endmacro %}

{# The columns of a contract as DuckDB creates them: types alone. What a model declares beside is checked by the test
   `promesses` once the table is there, which names what is broken and its first rows. DuckDB would keep an index of
   each key while it inserts, larger than many a table (ADR 15), and stop at the first row. #}
{% macro duckdb__get_table_columns_and_constraints() %}
    (
    {%- for colonne in model.columns.values() %}
        {{ colonne.name }} {{ colonne.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{% endmacro %}
