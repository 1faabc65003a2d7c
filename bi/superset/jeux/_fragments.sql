{#- What several datasets say in the same words. #}
{%- macro etiquette(t) -%}
case {{ t }}.niveau
        when 'france' then {{ t }}.libelle
        else concat({{ t }}.libelle, ' (', case {{ t }}.niveau
            when 'ctg' then 'CTG' when 'epci' then 'EPCI' when 'departement' then 'département'
            when 'region' then 'région' else {{ t }}.niveau end, ' ', {{ t }}.code, ')')
    end
{%- endmacro -%}
{%- macro mot(colonne, mots) -%}
case {{ colonne }}{% for code, dit in mots.items() %} when '{{ code }}' then '{{ dit | replace("'", "''") }}'{% endfor %} else {{ colonne }} end
{%- endmacro -%}
{#- The conventions that a territory is shown: its own, and that of a commune's CTG. -#}
{%- macro concernes() -%}
(
    select ctg_id as territoire_id, convention_id from marts.ctg_conventions
    union
    select territoire_id, convention_id from marts.ctg_conventions
    union
    select k.commune_id, c.convention_id
    from marts.ctg_conventions as c
    inner join marts.ctg_communes as k on k.territoire_id = c.ctg_id
)
{%- endmacro -%}
{%- macro themes() -%}
(select distinct theme, theme_libelle, theme_ordre from marts.dim_indicateur)
{%- endmacro -%}
