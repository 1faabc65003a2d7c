-- Every figure that a contract declares as a mesure of the dictionary, one line each, at the level and in the
-- geography of its file. A source whose rows are territories needs no other model; those that have to be counted,
-- filtered or turned round first have one of their own beside their producer's name.
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
        {%- if m.hors_champ %}
        if(
            {{ m.nom }}__marque = 'secret' and {{ departement_de(r.niveau) }} in ('{{ m.hors_champ | join("', '") }}'),
            'hors_champ', {{ m.nom }}__marque
        ) as marque,
        {%- else %}
        {{ m.nom ~ '__marque' if m.marque else 'cast(null as varchar)' }} as marque,
        {%- endif %}
        {{ m.arrondie | lower }} as arrondi
    from {{ source('normalised', r.source ~ '__' ~ r.ressource) }}
    where
        -- A column that the file's layout does not have is neither secret nor missing: it was not published.
        ({{ m.nom }} is not null{{ ' or ' ~ m.nom ~ '__marque is not null' if m.marque }})
        {%- if r.niveau != 'france' %}
        -- A line without a territory (XX in Cafdata) is nobody's.
        and code is not null
        {%- endif %}
    {%- if r.annee %}
    -- A file carries several years: the newest file holding a year wins.
    qualify millesime_fichier = max(millesime_fichier) over (partition by {{ r.annee }})
    {%- endif %}
    {{ 'union all' if not loop.last }}
{% endfor %}
