{# What a table promises, checked in one scan and one node: each promise that does not hold gives one row, with its name,
   how many rows break it and the first three of them.
     cle          columns that together identify a row, an empty cell counting as a value
     sans_vide    columns that are never empty
     valeurs      {column: the values it may take}; an empty cell breaks nothing
     liens        {column: {to: ref('table'), field: its column there}}; an empty cell breaks nothing
     expressions  true on every row: NULL is not true
   `macros/promesses.sql` tells them in the log when dbt ends. #}
{% test promesses(model, cle=[], sans_vide=[], valeurs={}, liens={}, expressions=[]) %}
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
