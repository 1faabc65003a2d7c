-- Medians of the extract, on the territories it covers whole: they follow the count of the foyers they are made of.
with medianes as (
    select
        *,
        cast(null as integer) as geographie
    from {{ ref('int_extrait_medianes') }}
    union all
    -- Those of a purged month were computed on the reference of the night that froze them.
    select
        * exclude (gele),
        case when gele then cog_millesime end as geographie
    from {{ ref('stg_caf__extrait_geles_medianes') }}
)

select
    f.source_id,
    f.niveau,
    f.code,
    d.mesure_id,
    f.millesime,
    m.geographie,
    case when f.statut = 'observe' then m.valeur end as valeur,
    case
        when f.statut <> 'observe' then f.motif_code
        when m.valeur is null then 'aucun_foyer'
    end as motif_code,
    case
        when f.statut <> 'observe' then f.motif
        when m.valeur is null then 'aucun foyer concerné'
    end as motif
from {{ ref('int_sommes') }} as f
inner join {{ ref('mesures') }} as d on f.mesure_id = d.effectif
inner join {{ ref('int_sources') }} as s on f.source_id = s.source_id and s.diffusion = 'micro'
left join medianes as m
    on d.mesure_id = m.mesure_id and f.niveau = m.niveau and f.code = m.code and f.millesime = m.millesime
where f.niveau in ('epci', 'departement', 'region')
