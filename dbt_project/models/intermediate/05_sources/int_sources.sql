-- What SQL has to know of a source besides its figures: who may read them, which family of files it is one level of,
-- whether it is the census, in which geography it draws, and the levels at which its files give figures. Nothing is
-- read off its name.
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
