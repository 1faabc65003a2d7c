-- Every additive mesure of a commune as its file gives it: one line per code of the file's own COG, and per class
-- of quotient familial, for each class is rounded on its own.
with declarees as (
    select d.*
    from {{ ref('stg_mesures_declarees') }} as d
    inner join {{ ref('mesures') }} as m on d.mesure_id = m.mesure_id and m.additive
    where d.niveau = 'commune'
),

premieres as (
    select
        source_id,
        millesime,
        mesure_id,
        min(rang) as rang
    from declarees
    group by all
),

preferees as (
    -- Two ressources of a source may hold one year: the preferred one is taken whole.
    select d.*
    from declarees as d
    inner join premieres as p
        on
            d.source_id = p.source_id
            and d.millesime = p.millesime
            and d.mesure_id = p.mesure_id
            and d.rang = p.rang
)

select * exclude (ressource, rang, niveau)
from preferees
union all by name
{{ mesures_en_long(
    ref('stg_insee__rp_population_age'),
    [
        'population_rp', 'population_moins_15_ans', 'enfants_moins_3_ans', 'enfants_3_5_ans', 'enfants_6_10_ans',
        'enfants_11_17_ans', 'jeunes_18_24_ans', 'population_75_ans_et_plus'
    ],
    source_id='insee_rp_population_age'
) }}
union all by name
select * from {{ ref('stg_insee__rp_population') }}
union all by name
select
    'insee_bpe' as source_id,
    b.fichier_sha256,
    b.millesime_fichier,
    b.code,
    b.cog_millesime,
    b.millesime,
    t.mesure_id,
    cast(b.equipements as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque,
    false as arrondi
from {{ ref('stg_insee__bpe') }} as b
-- A code is a type of its own vintage alone.
inner join {{ ref('bpe_types') }} as t on b.millesime = t.millesime and b.type_equipement = t.type_equipement
union all by name
{{ mesures_en_long(
    ref('stg_anct__france_services'), ['france_services', 'structures_france_services'], source_id='anct_france_services'
) }}
union all by name
select * from {{ ref('stg_caf__equipements') }}
union all by name
select * from {{ ref('stg_caf__bilans') }}
union all by name
select * from {{ ref('stg_cd__centres_medico_sociaux') }}
union all by name
select * from {{ ref('int_eleves') }}
union all by name
select * from {{ ref('stg_ctg__places_planifiees') }}
union all by name
{{ mesures_en_long(
    ref('stg_cnaf__quotient_familial'),
    ['foyers_qf_moins_400', 'foyers_qf_moins_800', 'foyers_qf_connu'],
    source_id='cnaf_quotient_familial_communes',
    arrondi=true
) }}
union all by name
select
    'insee_cog_communes' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    cog_millesime as millesime,
    'communes' as mesure_id,
    cast(1 as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque,
    false as arrondi
from {{ ref('stg_insee__cog_communes') }}
union all by name
select
    'anct_zonages' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    millesime,
    'communes_petites_villes_de_demain' as mesure_id,
    -- A commune counts once, however many projects it is in.
    cast(1 as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque,
    false as arrondi
from {{ ref('stg_anct__zonages') }}
where zonage = 'PVD'
group by all
union all by name
select
    * exclude (departement, epci, rang, ordre_public, population, population_millesime)
    replace (if(marque is null, cast(valeur as decimal(30, 15)), null) as valeur),
    true as arrondi
from {{ ref('int_comptes_arrondis') }}
