-- Persons of 75 and over in the communal bases, which give them as two columns: one line per commune and census.
select
    'insee_rp_population' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    millesime_fichier as millesime,
    'population_75_ans_et_plus' as mesure_id,
    cast(population_75_89_ans + population_90_ans_et_plus as decimal(30, 15)) as valeur,
    coalesce(population_75_89_ans__marque, population_90_ans_et_plus__marque) as marque,
    false as arrondi
from {{ source('normalised', 'insee_rp_population__communes') }}
