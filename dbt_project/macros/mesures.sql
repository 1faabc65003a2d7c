{# Staging columns to one line per mesure. `marques` is true where the contract declares markers,
   `millesimes_propres` names the columns whose figures have a year of their own. #}
{% macro mesures_en_long(relation, mesures, source_id=none, niveau="'commune'", marques=false, millesimes_propres=[]) %}
    {%- for mesure in mesures %}
    select
        {{ "'" ~ source_id ~ "'" if source_id else 'source_id' }} as source_id,
        fichier_sha256,
        millesime_fichier,
        {{ niveau }} as niveau,
        code,
        cog_millesime,
        {{ mesure ~ '__millesime' if mesure in millesimes_propres else 'millesime' }} as millesime,
        '{{ mesure }}' as mesure_id,
        cast({{ mesure }} as decimal(30, 15)) as valeur,
        {{ mesure ~ '__marque' if marques else 'cast(null as varchar)' }} as marque
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# How bad a statut is: the worse of two terms wins. #}
{% macro rang_statut(colonne) -%}
    case {{ colonne }}
        when 'observe' then 0
        when 'arrondi' then 1
        when 'partiel' then 2
        when 'secret' then 3
        when 'non_disponible' then 4
        when 'sans_objet' then 5
    end
{%- endmacro %}

{% macro statut_du_rang(colonne) -%}
    case {{ colonne }}
        when 0 then 'observe'
        when 1 then 'arrondi'
        when 2 then 'partiel'
        when 3 then 'secret'
        when 4 then 'non_disponible'
        when 5 then 'sans_objet'
    end
{%- endmacro %}

{# The levels where an indicateur exists, as a list. A CTG is a group of communes, as an EPCI is: what exists for
   one of the two exists for it, without the dictionary having to say so line by line. #}
{% macro niveaux_indicateur(colonne) -%}
    list_concat(
        string_split({{ colonne }}, '+'),
        if(
            list_has_any(string_split({{ colonne }}, '+'), ['commune', 'epci'])
            and not list_contains(string_split({{ colonne }}, '+'), 'ctg'),
            ['ctg'],
            []
        )
    )
{%- endmacro %}
