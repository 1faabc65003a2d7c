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
{#- The convention that a territory is shown: its own for a CTG; for a commune, or the EPCI where figures are
    read, the newest one that is about it. -#}
{%- macro concernes() -%}
(
    select ctg_id as territoire_id, convention_id from marts.ctg_conventions
    union all
    (
        select distinct on (m.territoire_id) m.territoire_id, c.convention_id
        from marts.ctg_conventions as c
        inner join (
            select territoire_id as ctg_id, commune_id as territoire_id from marts.ctg_communes
            union
            select ctg_id, territoire_id from marts.ctg_conventions where territoire_id <> ctg_id
        ) as m on m.ctg_id = c.ctg_id
        order by m.territoire_id, c.annee_debut desc nulls last, c.convention_id desc
    )
)
{%- endmacro -%}
{%- macro themes() -%}
(select distinct theme, theme_libelle, theme_ordre from marts.dim_indicateur)
{%- endmacro -%}
