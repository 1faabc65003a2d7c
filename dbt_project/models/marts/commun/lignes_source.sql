-- Where each territory stands in each file: one line per row read, with the first physical line of the record.
{% set ressources = [
    ('insee_cog_communes__communes', 'code'),
    ('dgcl_epci_composition__composition', 'code'),
    ('insee_populations_legales__communes', 'code'),
    ('insee_comparateur__communes', 'code'),
    ('insee_filosofi__communes', 'code'),
    ('insee_filosofi__epci', 'code'),
    ('insee_filosofi__departement', 'code'),
    ('insee_filosofi__region', 'code'),
    ('insee_filosofi__metropole', "'FR' as code"),
    ('cnaf_allocataires_communes__communes', 'code'),
    ('cnaf_taux_couverture_communes__courant', 'code'),
    ('cnaf_taux_couverture_communes__historique', 'code'),
    ('cnaf_taux_couverture_epci__courant', 'code'),
    ('cnaf_taux_couverture_epci__historique', 'code'),
    ('cnaf_taux_couverture_national__courant', "'FR' as code"),
    ('cnaf_taux_couverture_national__historique', "'FR' as code"),
    ('anct_france_services__structures', 'code'),
    ('anct_zonages__communes', 'code'),
    ('ctg_plan_actions__perimetres', 'code')
] %}
{% for ressource, code in ressources %}
    select
        fichier_sha256 as sha256,
        {{ code }},
        ligne
    from {{ source('normalised', ressource) }}
    {{ 'union' if not loop.last }}
{% endfor %}
