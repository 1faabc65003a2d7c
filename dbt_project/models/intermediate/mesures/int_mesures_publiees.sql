-- Figures taken at the level where their producer publishes them: those that do not add up, and the counts that
-- it gives itself above the commune. Where two ressources of a source hold one figure, the preferred one wins.
select d.* exclude (ressource, rang)
from {{ ref('stg_mesures_declarees') }} as d
inner join {{ ref('mesures') }} as m on d.mesure_id = m.mesure_id
where d.niveau <> 'commune' or not m.additive
qualify row_number() over (
    partition by d.source_id, d.niveau, d.code, d.millesime, d.mesure_id
    order by d.rang asc, d.millesime_fichier desc
) = 1
union all by name
select * from {{ ref('stg_insee__filosofi_cc') }}
