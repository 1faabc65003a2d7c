-- Where each territory stands in each file: one line per row read, with the first physical line of the record.
{% for r in ressources_declarees() %}
    select
        fichier_sha256 as sha256,
        {{ "'FR' as code" if r.niveau == 'france' else 'code' }},
        ligne
    from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
    {{ 'union' if not loop.last }}
{% endfor %}
