-- The sides of indicateurs with a term published for another territory than the reference's (`ecart`), for an unknown
-- one, or for one that is deduced or proved.
select
    t.indicateur_id,
    t.cote,
    p.niveau,
    p.code,
    p.millesime,
    bool_and(p.connu) as connu,
    bool_and(p.connu) and bool_or(p.deduit) as deduit,
    if(bool_and(p.connu), min(p.preuve), null) as preuve,
    if(bool_and(p.connu), min(p.modifie_en), null) as modifie_en,
    -- One unknown term makes the side unknown.
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
