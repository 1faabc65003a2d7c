{# The columns together identify a row. Returns one row per repeated key. #}
{% test combinaison_unique(model, colonnes) %}
select
    {{ colonnes | join(', ') }},
    count(*) as occurrences
from {{ model }}
group by all
having count(*) > 1
{% endtest %}
