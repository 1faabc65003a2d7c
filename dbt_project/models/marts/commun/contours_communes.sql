-- The outlines of the communes of the scope, in the reference geography. A commune without one is on no map.
select
    t.territoire_id,
    c.code,
    c.geometrie,
    c.edition,
    t.cog_millesime,
    c.source_id,
    (select n.demonstration from {{ source('nuit', 'contexte') }} as n) as demonstration
from {{ ref('int_contours') }} as c
inner join {{ ref('dim_territoire') }} as t on t.niveau = 'commune' and c.code = t.code
