-- The communes whose territory or code changed, vintage by vintage: how each reaches the reference COG and
-- what was refused (a split is not shared out).
select
    p.cog_millesime,
    p.code_origine,
    p.code_reference,
    p.nature,
    -- A merger across EPCI lines follows the receiving commune; readers of a series must know. Both are read in one
    -- composition, that of then where it has both: the newest one has forgotten who merged before it, and an EPCI may
    -- have another SIREN since.
    coalesce(
        p.nature = 'fusion' and if(o.epci is null or a.epci is null, n.epci <> r.epci, o.epci <> a.epci), false
    ) as fusion_inter_epci
from {{ ref('int_passage') }} as p
inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
asof left join {{ ref('int_epci_annuel') }} as o on p.code_origine = o.code and p.cog_millesime >= o.cog_millesime
asof left join {{ ref('int_epci_annuel') }} as a on p.code_reference = a.code and p.cog_millesime >= a.cog_millesime
-- For a vintage older than any composition, the newest one is asked.
left join {{ ref('int_epci_composition') }} as n on p.code_origine = n.code
where p.nature <> 'identique'
