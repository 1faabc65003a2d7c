{{ config(materialized="table") }}
-- Every figure that a contract declares as a mesure of the dictionary, one line each, at the level and in the
-- geography of its file. A source whose rows are territories needs no other model; those that have to be counted,
-- filtered or turned round first have one of their own beside their producer's name. A line without a territory (XX in
-- Cafdata) is nobody's.
{% set lues = [] %}
{% for r in ressources_declarees() %}
    {% for m in r.mesures %}
        {% do lues.append((r, m)) %}
    {% endfor %}
{% endfor %}
{% for r, m in lues %}
    select
        '{{ r.source }}' as source_id,
        '{{ r.ressource }}' as ressource,
        {{ r.rang }} as rang,
        fichier_sha256,
        millesime_fichier,
        '{{ r.niveau }}' as niveau,
        {{ "'FR'" if r.niveau == 'france' else 'code' }} as code,
        cog_millesime,
        {{ m.nom ~ '__millesime' if m.datee else r.annee or 'millesime_fichier' }} as millesime,
        '{{ m.nom }}' as mesure_id,
        cast({{ m.nom }} as decimal(30, 15)) as valeur,
        {{ marque_de_la_mesure(m, r.niveau) }} as marque,
        {{ m.arrondie | lower }} as arrondi
    from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
    where {{ mesure_publiee(m) }} and {{ "true" if r.niveau == 'france' else 'code is not null' }}
    -- A file may carry several years: the newest file holding a year wins.
    qualify millesime_fichier = max(millesime_fichier) over (partition by {{ r.annee or 'millesime_fichier' }})
    {{ 'union all' if not loop.last }}
{% endfor %}
