-- Coverage rates of every series received: the historical and the current ones overlap on a year.
{% set series = [
    ('cnaf_taux_couverture_communes', 'courant', 'commune'),
    ('cnaf_taux_couverture_communes', 'historique', 'commune'),
    ('cnaf_taux_couverture_epci', 'courant', 'epci'),
    ('cnaf_taux_couverture_epci', 'historique', 'epci'),
    ('cnaf_taux_couverture_national', 'courant', 'france'),
    ('cnaf_taux_couverture_national', 'historique', 'france')
] %}
{% for source_id, serie, niveau in series %}
    select
        '{{ source_id }}' as source_id,
        '{{ serie }}' as serie,
        fichier_sha256,
        millesime_fichier,
        annee as millesime,
        cog_millesime,
        '{{ niveau }}' as niveau,
        {{ "'FR' as code" if niveau == 'france' else 'code' }},
        taux_couverture_petite_enfance,
        taux_couverture_eaje,
        taux_couverture_eaje_psu,
        taux_couverture_eaje_hors_psu,
        taux_couverture_assistants_maternels,
        taux_couverture_prescolarisation,
        taux_couverture_domicile
    from {{ source('normalised', source_id ~ '__' ~ serie) }}
    {{ "where code is not null" if niveau == 'epci' else '' }}
    {{ 'union all' if not loop.last else '' }}
{% endfor %}
