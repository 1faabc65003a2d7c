-- Population of the census by age band of the Caf. The file is by IRIS: the lines of a commune sum to it.
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    sum(population_rp) as population_rp,
    sum(population_moins_15_ans) as population_moins_15_ans,
    sum(enfants_moins_3_ans) as enfants_moins_3_ans,
    sum(enfants_3_5_ans) as enfants_3_5_ans,
    sum(enfants_6_10_ans) as enfants_6_10_ans,
    sum(enfants_11_17_ans) as enfants_11_17_ans,
    sum(jeunes_18_24_ans) as jeunes_18_24_ans,
    sum(population_75_ans_et_plus) as population_75_ans_et_plus
from {{ source('normalised', 'insee_rp_population_age__iris') }}
group by all
