{#-
How sure a figure is, hence what stands in its place (`valeur_affichee` in macros/affichage.sql):

    part of 41 % between 40,2 and 41,9            point         41,0 %
    part of 55,8 % between 31,5 and 83,6          intervalle    entre 31 et 84 %
    part of 3 % between 2 and 4,1                 intervalle    entre 2,0 et 4,1 %
    part of 12,5 % between 12,4 and 13,6          intervalle    entre 12,4 et 13,6 %
    count of 0 that may be 2, by its rounding     intervalle    au plus 2
    part of 1 enfant of 2                         trop_peu      trop peu

tests/dbt/test_lisibilite.py holds the table of cases.
-#}

{# One row: the thresholds, as columns of these names. #}
{% macro seuils_de_lisibilite() -%}
    select
        {%- for seuil in ['assise_minimale', 'etendue_lisible', 'etendue_lisible_relative', 'biais_lisible'] %}
            cast(max(valeur) filter (where parametre = '{{ seuil }}') as double) as {{ seuil }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('parametres') }}
{%- endmacro %}

{# NULL under a statut that shows no figure. `denominateur_haut`: SQL, the most that what a share or an evolution rests on
   can be, NULL where nothing rests on it; `u` and `seuils` are the aliases of `unites` and of the thresholds. Bounds that
   print alike leave one number to print. A figure under zero may be (a `signee` unit), so that its zero is no rounding; an
   evolution in percents is near zero as often as not, and half of an interval beside it says nothing. #}
{% macro lisibilite(valeur, basse, haute, denominateur_haut, statut, decimales, u, seuils) -%}
    case
        when {{ marque_du_statut(statut) }} is not null then null
        when {{ denominateur_haut }} < {{ seuils }}.assise_minimale then 'trop_peu'
        when {{ valeur }} is null or {{ u }}.nature <> 'nombre' or {{ basse }} = {{ haute }} then 'point'
        when {{ basse }} is null and {{ haute }} is null then 'point'
        when {{ basse }} is null or {{ haute }} is null then 'intervalle'
        when {{ comme_imprime(basse, decimales) }} = {{ comme_imprime(haute, decimales) }} then 'point'
        when {{ valeur }} = 0 and not {{ u }}.signee then 'intervalle'
        when coalesce({{ u }}.suffixe, '') = '%' and round({{ haute }} - {{ basse }}, 9) > {{ seuils }}.etendue_lisible then 'intervalle'
        when
            not (coalesce({{ u }}.suffixe, '') = '%' and {{ u }}.signee)
            and round({{ haute }} - {{ basse }}, 9)
            > round(2 * abs({{ valeur }}) * {{ seuils }}.etendue_lisible_relative / 100, 9)
            then 'intervalle'
        when
            not {{ u }}.signee
            and round(abs({{ basse }} + {{ haute }} - 2 * {{ valeur }}), 9)
            > round(2 * abs({{ valeur }}) * {{ seuils }}.biais_lisible / 100, 9)
            then 'intervalle'
        else 'point'
    end
{%- endmacro %}

{# The lisibilite of a pair: that of its less sure figure. #}
{% macro moins_lisible(a, b) -%}
    case
        when 'trop_peu' in ({{ a }}, {{ b }}) then 'trop_peu'
        when 'intervalle' in ({{ a }}, {{ b }}) then 'intervalle'
        else 'point'
    end
{%- endmacro %}
