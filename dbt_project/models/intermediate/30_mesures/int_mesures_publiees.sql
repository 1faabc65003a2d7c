-- Figures taken at the level where their producer publishes them: those that do not add up, and the counts that
-- it gives itself above the commune. Where two ressources of a source hold one figure, the preferred one wins.
with publiees as (
    select d.*
    from {{ ref('stg_mesures_declarees') }} as d
    inner join {{ ref('mesures') }} as m on d.mesure_id = m.mesure_id
    where d.niveau <> 'commune' or not m.additive
),

disputees as (
    -- Nearly every figure is in one ressource: only the others need a choice.
    select
        source_id,
        niveau,
        millesime,
        mesure_id
    from publiees
    group by all
    having min(ressource) <> max(ressource)
),

preferees as (
    select p.*
    from publiees as p
    anti join disputees as d
        on
            p.source_id = d.source_id
            and p.niveau = d.niveau
            and p.millesime = d.millesime
            and p.mesure_id = d.mesure_id
    union all
    select p.*
    from publiees as p
    semi join disputees as d
        on
            p.source_id = d.source_id
            and p.niveau = d.niveau
            and p.millesime = d.millesime
            and p.mesure_id = d.mesure_id
    qualify row_number() over (
        partition by p.source_id, p.niveau, p.code, p.millesime, p.mesure_id
        order by p.rang asc, p.millesime_fichier desc
    ) = 1
)

select * exclude (ressource, rang)
from preferees
union all by name
select * from {{ ref('stg_insee__filosofi_cc') }}
