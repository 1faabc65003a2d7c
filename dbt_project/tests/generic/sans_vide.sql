{# None of the columns is ever empty: one reading of the table for all of them. Returns the rows where one is. #}
{% test sans_vide(model, colonnes) %}
select {{ colonnes | join(', ') }}
from {{ model }}
where
    {%- for colonne in colonnes %}
    {{ 'or ' if not loop.first }}{{ colonne }} is null
    {%- endfor %}
{% endtest %}
