-- Filosofi 2 at every level published: one line per territory and figure. What is not published (CONF_STATUS
-- other than F) is secret, whatever the value says.
{% set ressources = {
    'communes': 'commune', 'epci': 'epci', 'departement': 'departement', 'region': 'region', 'metropole': 'france'
} %}
{% for ressource, niveau in ressources.items() %}
    select
        'insee_filosofi_cc' as source_id,
        fichier_sha256,
        millesime_fichier,
        '{{ niveau }}' as niveau,
        {{ "'FR' as code" if niveau == 'france' else 'code' }},
        cog_millesime,
        annee as millesime,
        case indicateur
            when 'MED_SL' then 'mediane_niveau_vie'
            when 'PR_MD60' then 'taux_pauvrete_60'
            when 'IR_D9_D1_SL' then 'rapport_interdecile'
        end as mesure_id,
        if(confidentialite = 'F', cast(valeur as decimal(30, 15)), null) as valeur,
        if(confidentialite = 'F', valeur__marque, 'secret') as marque,
        false as arrondi
    from {{ source('normalised', 'insee_filosofi_cc__' ~ ressource) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
