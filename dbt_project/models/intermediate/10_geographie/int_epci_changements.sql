-- The communes that joined or left an EPCI since an older composition, by their code of then. A figure published for
-- such an EPCI is about another territory.
with compositions as (
    select distinct
        millesime,
        cog_millesime
    from {{ ref('int_epci_annuel') }}
),

passees as (
    -- Communes in no EPCI are there too: one of them may have joined.
    select
        s.millesime,
        p.code_origine as code,
        a.epci as epci_avant,
        r.epci as epci_apres
    from compositions as s
    inner join {{ ref('int_passage') }} as p on s.cog_millesime = p.cog_millesime
    inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
    left join {{ ref('int_epci_annuel') }} as a on s.millesime = a.millesime and p.code_origine = a.code
    where a.epci is distinct from r.epci
),

mouvements as (
    select
        millesime,
        epci_apres as epci,
        code,
        'entree' as sens
    from passees
    where epci_apres is not null
    union all
    select
        millesime,
        epci_avant as epci,
        code,
        'sortie' as sens
    from passees
    where epci_avant is not null
)

select
    millesime,
    epci,
    string_agg(distinct code, ', ' order by code) filter (where sens = 'entree') as entrees,
    string_agg(distinct code, ', ' order by code) filter (where sens = 'sortie') as sorties
from mouvements
group by all
