{# The expression holds on every row; an expression that is NULL does not hold. Returns the rows where it fails. #}
{% test expression_vraie(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
