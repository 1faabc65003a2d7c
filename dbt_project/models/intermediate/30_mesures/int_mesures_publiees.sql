-- Figures taken at the level where their producer publishes them: those that do not add up, and the counts that
-- it gives itself above the commune. Where two ressources of a source hold one figure, the preferred one wins.
with publiees as (
    select d.*
    from {{ ref('stg_mesures_declarees') }} as d
    inner join {{ ref('mesures') }} as m on d.mesure_id = m.mesure_id
    where d.niveau <> 'commune' or not m.additive
),

preferees as (
    select *
    from publiees
    qualify row_number() over (
        partition by source_id, niveau, code, millesime, mesure_id
        order by rang asc, millesime_fichier desc
    ) = 1
)

select * exclude (ressource, rang)
from preferees
union all by name
select * from {{ ref('stg_insee__filosofi_cc') }}
