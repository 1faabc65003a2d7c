-- Coverage rates at each level published. The historical and the current series overlap on one year and
-- differ by a few tenths: the current one wins (the difference is kept in int_controles).
{% set fichiers = {
    'cnaf_taux_couverture_communes': 'commune',
    'cnaf_taux_couverture_epci': 'epci',
    'cnaf_taux_couverture_national': 'france'
} %}
{% set mesures = [
    'taux_couverture_petite_enfance', 'taux_couverture_eaje', 'taux_couverture_eaje_psu',
    'taux_couverture_eaje_hors_psu', 'taux_couverture_assistants_maternels',
    'taux_couverture_prescolarisation', 'taux_couverture_domicile'
] %}
with lignes as (
    {% for source_id, niveau in fichiers.items() %}
    {% for serie in ['courant', 'historique'] %}
    select
        '{{ source_id }}' as source_id,
        '{{ serie }}' as serie,
        fichier_sha256,
        millesime_fichier,
        annee as millesime,
        {{ 'null' if niveau == 'france' else 'cog_millesime' }} as cog_millesime,
        '{{ niveau }}' as niveau,
        {{ "'FR'" if niveau == 'france' else 'code' }} as code,
        {{ mesures | join(', ') }}
    from {{ source('normalised', source_id ~ '__' ~ serie) }}
    {{ "where code is not null" if niveau == 'epci' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from lignes
qualify row_number() over (
    partition by niveau, code, millesime
    order by serie, millesime_fichier desc
) = 1
