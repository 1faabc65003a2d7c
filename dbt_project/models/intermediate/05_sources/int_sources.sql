-- Facts about each source besides its figures: who may read them, its family of files, whether it is the census, the
-- geography that it draws, the levels of its figures. The contract declares them: its name tells nothing.
with niveaux as (
    select
        source,
        list_sort(list_distinct(list(niveau))) as niveaux
    from {{ source('nuit', 'fichiers') }}
    group by source
)

select
    s.source_id,
    s.diffusion,
    s.famille,
    s.recensement,
    s.decoupage,
    coalesce(n.niveaux, []) as niveaux
from {{ source('nuit', 'sources') }} as s
left join niveaux as n on s.source_id = n.source
