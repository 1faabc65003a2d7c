-- The instances of a convention: how often each meets, by the convention, and how often it did.
with instances as (
    select
        *,
        case type when 'comité de pilotage' then 'copil' when 'comité technique' then 'cotech' end as sigle
    from {{ ref('stg_ctg__instances') }}
    where type <> 'réseau thématique'
),

frequences as (
    -- A convention may have two of one kind: what it plans is the meetings of both, and unknown where one does not say.
    select
        convention_id,
        sigle,
        case when bool_and(frequence_annuelle is not null) then sum(frequence_annuelle) end as frequence_annuelle
    from instances
    group by convention_id, sigle
)

select
    f.convention_id,
    a.annee as millesime,
    'ctg_' || f.sigle || '_frequence' as indicateur_id,
    f.frequence_annuelle as valeur
from frequences as f
inner join {{ ref('int_ctg_annees') }} as a on f.convention_id = a.convention_id
union all
-- A year without any line is a year nobody filled in, not a year without a meeting.
select
    i.convention_id,
    year(r.jour) as millesime,
    'nb_' || i.sigle || '_tenus' as indicateur_id,
    count(*) filter (where r.tenue) as valeur
from instances as i
inner join {{ ref('stg_ctg__reunions') }} as r on i.instance_id = r.instance_id
group by all
