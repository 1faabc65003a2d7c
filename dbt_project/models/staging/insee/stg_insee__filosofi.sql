-- Filosofi at the five levels the producer publishes; never summed, never averaged.
{% set ressources = {
    'communes': 'commune', 'epci': 'epci', 'departement': 'departement', 'region': 'region', 'metropole': 'france'
} %}
{% for ressource, niveau in ressources.items() %}
    select
        fichier_sha256,
        millesime_fichier,
        millesime_fichier as millesime,
        cog_millesime,
        '{{ niveau }}' as niveau,
        {{ "'FR' as code" if niveau == 'france' else 'code' }},
        mediane_niveau_vie,
        mediane_niveau_vie__marque,
        rapport_interdecile,
        rapport_interdecile__marque,
        part_prestations_sociales_revenu,
        part_prestations_sociales_revenu__marque,
        menages_fiscaux
    from {{ source('normalised', 'insee_filosofi__' ~ ressource) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
