{{ config(materialized="table") }}
-- Every figure that a contract declares as a mesure of the dictionary, one line each, at the level and in the
-- geography of its file. A source whose rows are territories needs no other model; those that have to be counted,
-- filtered or turned round first have one of their own beside their producer's name. A line without a territory (XX in
-- Cafdata) is nobody's. A file is read once for all its mesures.
{% for r in ressources_declarees() if r.mesures %}
    select
        '{{ r.source }}' as source_id,
        '{{ r.ressource }}' as ressource,
        {{ r.rang }} as rang,
        fichier_sha256,
        millesime_fichier,
        '{{ r.niveau }}' as niveau,
        {{ "'FR'" if r.niveau == 'france' else 'code' }} as code,
        cog_millesime,
        m['millesime'] as millesime,
        m['mesure_id'] as mesure_id,
        m['valeur'] as valeur,
        m['marque'] as marque,
        m['arrondi'] as arrondi
    from (
        select
            fichier_sha256,
            millesime_fichier,
            {{ "code," if r.niveau != 'france' }}
            cog_millesime,
            unnest([
                {% for m in r.mesures %}
                    {
                        'millesime': {{ m.nom ~ '__millesime' if m.datee else r.annee or 'millesime_fichier' }},
                        'mesure_id': '{{ m.nom }}',
                        'valeur': cast({{ m.nom }} as decimal(30, 15)),
                        'marque': {{ marque_de_la_mesure(m, r.niveau) }},
                        'arrondi': {{ m.arrondie | lower }},
                        'publiee': {{ mesure_publiee(m) }}
                    }{{ ',' if not loop.last }}
                {% endfor %}
            ]) as m
        from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
        {{ "where code is not null" if r.niveau != 'france' }}
    )
    where m['publiee']
    -- A file may carry several years, and figures of another year than its own: of each mesure, the newest file
    -- holding a year wins.
    qualify millesime_fichier = max(millesime_fichier) over (partition by m['mesure_id'], m['millesime'])
    {{ 'union all' if not loop.last }}
{% endfor %}
