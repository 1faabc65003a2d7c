-- Every source that has a contract, received or not.
with fichiers as (
    select
        source,
        count(*) as fichiers,
        string_agg(distinct millesime, ', ' order by millesime) as millesimes
    from {{ source('nuit', 'fichiers') }}
    group by all
)

select
    s.source_id,
    s.titre,
    s.producteur,
    s.licence,
    s.page,
    s.cadence,
    s.indispensable,
    s.diffusion,
    case
        when f.source is not null then 'recue'
        when s.en_attente is not null then 'en_attente'
        else 'jamais_recue'
    end as etat,
    f.millesimes,
    s.en_attente as millesimes_en_attente,
    coalesce(f.fichiers, 0) as fichiers,
    c.demonstration
from {{ source('nuit', 'sources') }} as s
cross join {{ source('nuit', 'contexte') }} as c
left join fichiers as f on s.source_id = f.source
