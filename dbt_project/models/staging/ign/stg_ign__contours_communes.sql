-- The outlines of communes, of every file in use: the whole country, and départements in an older edition.
{% for r in ressources_declarees() if r.source == 'ign_contours_communes' %}
    select
        '{{ r.source }}' as source_id,
        '{{ r.ressource }}' as ressource,
        millesime_fichier as edition,
        cog_millesime,
        code,
        geometrie
    from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
