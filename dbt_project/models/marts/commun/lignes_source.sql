-- Where each territory stands in each file: one line per row read, with the year its figures are of and the first
-- physical line of the record. A row that holds several years (three censuses side by side) is of none.
{% for r in ressources_declarees() %}
    {%- set datees = r.mesures | selectattr('datee') | list %}
    select
        fichier_sha256 as sha256,
        '{{ r.ressource }}' as ressource,
        {{ "'FR' as code" if r.niveau == 'france' else 'code' }},
        {{ 'cast(null as integer)' if datees else r.annee or 'millesime_fichier' }} as millesime,
        ligne
    from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
    {{ 'union' if not loop.last }}
{% endfor %}
