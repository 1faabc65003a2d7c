-- Every additive mesure of a commune as its file gives it: one line per code of the file's own COG.
with declarees as (
    select d.*
    from {{ ref('stg_mesures_declarees') }} as d
    inner join {{ ref('mesures') }} as m on d.mesure_id = m.mesure_id and m.additive
    where d.niveau = 'commune'
),

preferees as (
    -- Two ressources of a source may hold one year: the preferred one is taken whole.
    select
        source_id,
        millesime,
        mesure_id,
        min(rang) as rang
    from declarees
    group by all
)

select d.* exclude (ressource, rang)
from declarees as d
inner join preferees as p
    on
        d.source_id = p.source_id
        and d.millesime = p.millesime
        and d.mesure_id = p.mesure_id
        and d.rang = p.rang
union all by name
{{ mesures_en_long(ref('stg_anct__france_services'), ['france_services'], source_id='anct_france_services') }}
union all by name
select * from {{ ref('stg_caf__equipements') }}
union all by name
select * from {{ ref('stg_caf__bilans') }}
union all by name
select * from {{ ref('stg_cd__centres_medico_sociaux') }}
union all by name
select * from {{ ref('stg_ctg__places_planifiees') }}
union all by name
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
    cast(null as varchar) as marque,
    false as arrondi
from {{ ref('stg_insee__cog_communes') }}
union all by name
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
    cast(null as varchar) as marque,
    false as arrondi
from {{ ref('stg_anct__zonages') }}
where zonage = 'PVD'
group by all
