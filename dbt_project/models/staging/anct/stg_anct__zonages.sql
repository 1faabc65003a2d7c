-- One line per commune and identifier: a cell may hold several, joined by ` ; `.
{% set zonages = {
    'PVD': ('petites_villes_de_demain', 'Petites villes de demain'),
    'VA': ('villages_d_avenir', "Villages d''avenir"),
    'ACV': ('action_coeur_de_ville', 'Action cœur de ville'),
    'CRTE': ('crte', 'Contrat de relance et de transition écologique')
} %}
{% for zonage, (colonne, libelle) in zonages.items() %}
    select
        fichier_sha256,
        millesime_fichier,
        millesime_fichier as millesime,
        cog_millesime,
        code,
        '{{ zonage }}' as zonage,
        '{{ libelle }}' as libelle,
        trim(unnest(string_split({{ colonne }}, ';'))) as identifiant
    from {{ source('normalised', 'anct_zonages__communes') }}
    where {{ colonne }} is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
