-- Every additive mesure as its file gives it: one line per code of the file's own COG.
{{ mesures_en_long(
    ref('stg_insee__populations_legales'), ['population_municipale'], source_id='insee_populations_legales'
) }}
union all
{{ mesures_en_long(
    ref('stg_insee__comparateur'),
    [
        'logements', 'residences_principales', 'logements_residences_secondaires', 'logements_vacants',
        'residences_principales_proprietaires', 'chomeurs_15_64', 'actifs_15_64'
    ],
    source_id='insee_comparateur',
    marques=true
) }}
union all
{{ mesures_en_long(
    ref('stg_cnaf__allocataires_communes'),
    [
        'foyers_allocataires', 'personnes_couvertes', 'foyers_paje', 'foyers_af', 'foyers_aide_logement',
        'foyers_rsa', 'foyers_prime_activite'
    ],
    source_id='cnaf_allocataires_communes'
) }}
union all
{{ mesures_en_long(ref('stg_anct__france_services'), ['france_services'], source_id='anct_france_services') }}
union all
select
    'insee_cog_communes' as source_id,
    fichier_sha256,
    millesime_fichier,
    'commune' as niveau,
    code,
    cog_millesime,
    cog_millesime as millesime,
    'communes' as mesure_id,
    cast(1 as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque
from {{ ref('stg_insee__cog_communes') }}
union all
select
    'anct_zonages' as source_id,
    fichier_sha256,
    millesime_fichier,
    'commune' as niveau,
    code,
    cog_millesime,
    millesime,
    'communes_petites_villes_de_demain' as mesure_id,
    -- A commune counts once, however many projects it is in.
    cast(1 as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque
from {{ ref('stg_anct__zonages') }}
where zonage = 'PVD'
group by all
