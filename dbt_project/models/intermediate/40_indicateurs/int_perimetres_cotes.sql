-- The sides of indicateurs that are not known to be about the territory as the reference has it, because one of their
-- terms was published where it was another (`ecart`), or where nobody knows what it was; and those where what it was is
-- deduced.
select
    t.indicateur_id,
    t.cote,
    p.niveau,
    p.code,
    p.millesime,
    bool_and(p.connu) as connu,
    bool_and(p.connu) and bool_or(p.deduit) as deduit,
    if(bool_and(p.connu), min(p.modifie_en), null) as modifie_en,
    -- Unknown of one term, unknown of the side.
    if(count(p.part_deplacee) = count(*), max(p.part_deplacee), null) as part_deplacee,
    if(
        bool_and(p.connu),
        string_agg(distinct p.mesure_id || ' : ' || p.ecart, ' ; ' order by p.mesure_id || ' : ' || p.ecart),
        null
    ) as ecart,
    coalesce(
        min(p.detail) filter (where not p.connu), min(p.detail) filter (where p.ecart is not null), min(p.detail)
    ) as detail
from {{ ref('int_perimetres_publies') }} as p
inner join {{ ref('int_termes') }} as t on p.mesure_id = t.mesure_id
group by t.indicateur_id, t.cote, p.niveau, p.code, p.millesime
