-- Figures of each IRIS, one line each, with why one is hidden. They are never summed to a commune: secrecy takes out
-- whole IRIS, and cells of the others.
{% set chiffres = [
    'allocataires', 'personnes_couvertes', 'allocataires_isoles', 'allocataires_monoparents',
    'couples_sans_enfant', 'couples_avec_enfants', 'couples_3_enfants', 'enfants', 'enfants_moins_3_ans',
    'enfants_3_5_ans', 'enfants_6_10_ans', 'enfants_11_14_ans', 'enfants_15_17_ans', 'enfants_18_24_ans',
    'allocataires_etudiants', 'allocataires_non_etudiants_moins_25_ans', 'allocataires_aide_logement',
    'allocataires_apl', 'allocataires_aah', 'allocataires_prime_activite', 'allocataires_rsa',
    'allocataires_dependance_50', 'allocataires_dependance_100'
] %}
{% for chiffre in chiffres %}
    select
        fichier_sha256,
        millesime_fichier,
        millesime_fichier as millesime,
        iris,
        left(iris, 5) as commune,
        note,
        '{{ chiffre }}' as chiffre,
        {{ chiffre }} as valeur,
        {{ chiffre }}__marque as marque
    from {{ source('normalised', 'cnaf_allocataires_iris__iris') }}
    -- A column that the file's layout does not have was not published.
    where {{ chiffre }} is not null or {{ chiffre }}__marque is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
