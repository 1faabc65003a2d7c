{#- Five groups of communes by their rank, equal values together. Windows go by the columns that the page filters:
    PostgreSQL then reads the communes of one territory, and not of all. -#}
select
    territoire,
    indicateur,
    commune,
    cast(
        json_build_object(
            'type', 'Feature',
            'geometry', cast(geometrie as json),
            'properties', json_build_object(
                'fillColor',
                case
                    when rang is null then '{{ sans_couleur }}'
                    {%- for couleur in couleurs[:-1] %}
                    when {{ couleurs | length }} * (rang - 1) < {{ loop.index }} * nombre then '{{ couleur }}'
                    {%- endfor %}
                    else '{{ couleurs[-1] }}'
                end,
                'strokeColor', '{{ bord }}'
            ),
            'extraProps', json_build_object(
                'Commune', commune, 'Valeur', valeur_affichee, 'Année', millesime
            )
        ) as text
    ) as contour,
    territoire_id,
    indicateur_id
from (
    select
        c.*,
        case when c.valeur is not null then
            rank() over (partition by c.territoire, c.indicateur order by c.valeur nulls last)
        end as rang,
        count(c.valeur) over (partition by c.territoire, c.indicateur) as nombre,
        g.geometrie
    from (
        {%- filter indent(8, first=true) %}
{% include 'suivi_communes.sql' %}
        {%- endfilter %}
    ) as c
    inner join marts.contours_communes as g on g.territoire_id = c.commune_id
) as places
