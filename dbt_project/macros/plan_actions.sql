{# A table of the coordinator as it now stands: the newest state of the plan replaces the older ones. #}
{% macro dernier_etat(table) %}
    {{ source('normalised', 'ctg_plan_actions__' ~ table) }}
    qualify millesime_fichier = max(millesime_fichier) over ()
{% endmacro %}
