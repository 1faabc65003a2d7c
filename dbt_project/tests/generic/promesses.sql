{# What a table promises, checked in one scan and one node: each promise that does not hold gives one row, with its name,
   how many rows break it and the first three of them. The `constraints` of a model say most of it, to dbt and to whoever
   reads its manifest (`macros/contraintes.sql`):
     primary_key  columns that together identify a row, none of them ever empty
     unique       the same, an empty cell counting as a value
     foreign_key  a column whose values are found in another table; an empty cell breaks nothing. Said by its `expression`
                  where that table reads this one: `ref` would be a circle, and the test names it in `lues`, to come after it
     not_null     of a column
   A seed has no `constraints`, and a foreign key of staging or intermediate would be lineage to dbt: these say it here,
   by `cle`, `sans_vide`, and `liens` ({column: {to: ref('table'), field: its column there}}).
     valeurs      {column: the values it may take}; an empty cell breaks nothing
     expressions  true on every row: NULL is not true
   `macros/promesses.sql` tells them in the log when dbt ends. #}
{% test promesses(model, cle=[], sans_vide=[], valeurs={}, liens={}, expressions=[], lues=[]) %}
{%- set dites = contraintes_de(model.identifier) -%}
{%- set cle, sans_vide, liens = cle or dites.cle, sans_vide or dites.sans_vide, liens or dites.liens -%}
{%- set promesses = [] -%}
{%- for colonne in sans_vide -%}
    {%- do promesses.append(('never empty: ' ~ colonne, colonne ~ ' is null')) -%}
{%- endfor -%}
{%- for colonne, permises in valeurs.items() -%}
    {%- set liste = "'" ~ permises | join("', '") ~ "'" -%}
    {%- do promesses.append((colonne ~ ' is one of ' ~ permises | join(', '), colonne ~ ' not in (' ~ liste ~ ')')) -%}
{%- endfor -%}
{%- for expression in expressions -%}
    {%- do promesses.append(('on every row: ' ~ expression, '(' ~ expression ~ ') is not true')) -%}
{%- endfor -%}
{%- set montrees = [] -%}
{%- for colonne in cle + sans_vide + valeurs.keys() | list if colonne not in montrees -%}
    {%- do montrees.append(colonne) -%}
{%- endfor -%}
with rompues as (
    select
        cast(null as varchar) as promesse,
        cast(null as varchar) as ligne
    where false
    {%- if promesses %}
    union all
    select *
    from (
        select
            unnest([
                {%- for nom, faute in promesses %}
                if({{ faute }}, '{{ nom | replace("'", "''") }}', null){{ ',' if not loop.last }}
                {%- endfor %}
            ]) as promesse,
            {% if montrees -%}
            cast({ {%- for c in montrees %}'{{ c }}': {{ c }}{{ ', ' if not loop.last }}{% endfor -%} } as varchar)
            {%- else -%}
            cast(null as varchar)
            {%- endif %} as ligne
        from {{ model }} as lues
        where
            {%- for _, faute in promesses %}
            {{ 'or ' if not loop.first }}{{ faute }}
            {%- endfor %}
    ) as fautes
    where promesse is not null
    {%- endif %}
    {%- if cle %}
    -- Keys of different hashes differ: only those that share one are compared.
    union all
    select
        'key: {{ cle | join(', ') }}' as promesse,
        cast({ {%- for c in cle %}'{{ c }}': {{ c }}, {% endfor -%} 'lignes': count(*)} as varchar) as ligne
    from {{ model }} as lues
    where
        hash({{ cle | join(', ') }}) in (
            select hash({{ cle | join(', ') }})
            from {{ model }} as toutes
            group by all
            having count(*) > 1
        )
    group by {{ cle | join(', ') }}
    having count(*) > 1
    {%- endif %}
    {%- for colonne, lien in liens.items() %}
    union all
    select
        '{{ colonne }} exists in {{ lien.to.identifier }}, column {{ lien.field }}' as promesse,
        cast({{ colonne }} as varchar) as ligne
    from (select distinct {{ colonne }} from {{ model }} as lues) as liees
    where
        {{ colonne }} is not null
        and {{ colonne }} not in (select {{ lien.field }} from {{ lien.to }} where {{ lien.field }} is not null)
    {%- endfor %}
)

select
    promesse,
    count(*) as fautes,
    coalesce(array_to_string(list(ligne order by ligne)[:3], ' ; '), '') as premieres
from rompues
group by promesse
{% endtest %}
