-- The instances of a convention: how often each meets, by the convention, and how often it did.
with instances as (
    select
        *,
        case type when 'comité de pilotage' then 'copil' when 'comité technique' then 'cotech' end as sigle
    from {{ ref('stg_ctg__instances') }}
    where type <> 'réseau thématique'
)

select
    i.convention_id,
    a.annee as millesime,
    'ctg_' || i.sigle || '_frequence' as indicateur_id,
    i.frequence_annuelle as valeur
from instances as i
inner join {{ ref('int_ctg_annees') }} as a on i.convention_id = a.convention_id
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
