-- The communes whose territory or code changed, vintage by vintage: how each reaches the reference COG and
-- what was refused (a split is not shared out).
select
    p.cog_millesime,
    p.code_origine,
    p.code_reference,
    p.nature,
    -- A merger across EPCI lines follows the receiving commune; readers of a series must know.
    coalesce(p.nature = 'fusion' and o.epci <> r.epci, false) as fusion_inter_epci
from {{ ref('int_passage') }} as p
inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
left join {{ ref('int_epci_composition') }} as o on p.code_origine = o.code
where p.nature <> 'identique'
