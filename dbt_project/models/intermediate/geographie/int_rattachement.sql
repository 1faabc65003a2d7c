-- Where a commune of any vintage counts, level by level: whole where all its heirs agree, nowhere and flagged
-- (`unique_a_ce_niveau` is false) on the territories between which they split.
with heritiers as (
    select
        p.cog_millesime,
        p.code_origine,
        p.nature,
        t.niveau,
        t.code
    from {{ ref('int_passage') }} as p
    inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
    cross join lateral (
        select unnest([
            {niveau: 'commune', code: r.code},
            {niveau: 'epci', code: r.epci},
            {niveau: 'departement', code: r.departement},
            {niveau: 'region', code: r.region},
            {niveau: 'france', code: 'FR'}
        ], recursive := true)
    ) as t
    where t.code is not null
),

comptes as (
    select
        cog_millesime,
        code_origine,
        niveau,
        code,
        any_value(nature) as nature,
        count(*) over (partition by cog_millesime, code_origine, niveau) as nb_territoires
    from heritiers
    group by cog_millesime, code_origine, niveau, code
)

select
    cog_millesime,
    code_origine,
    niveau,
    code,
    nature,
    -- A code that came back is never chained: whole above, not at the commune itself.
    nb_territoires = 1 and not (niveau = 'commune' and nature = 'code_repris') as unique_a_ce_niveau
from comptes
