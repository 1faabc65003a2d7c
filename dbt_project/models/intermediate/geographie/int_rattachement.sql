-- Where a commune of any vintage counts, level by level: whole where all its heirs agree, nowhere and flagged
-- (`unique_a_ce_niveau` is false) on the territories between which they split.
with heritiers as (
    select
        p.cog_millesime,
        p.code_origine,
        p.nature,
        p.nb_heritiers,
        r.code as commune,
        r.epci,
        r.departement,
        r.region,
        'FR' as france
    from {{ ref('int_passage') }} as p
    inner join {{ ref('int_communes_reference') }} as r on p.code_reference = r.code
),

niveaux as (
    unpivot heritiers
    on commune, epci, departement, region, france
    into name niveau value code
),

seuls as (
    select
        cog_millesime,
        code_origine,
        niveau,
        code,
        nature,
        1 as nb_territoires
    from niveaux
    where nb_heritiers = 1
),

partages as (
    select
        cog_millesime,
        code_origine,
        niveau,
        code,
        any_value(nature) as nature,
        count(*) over (partition by cog_millesime, code_origine, niveau) as nb_territoires
    from niveaux
    where nb_heritiers > 1
    group by cog_millesime, code_origine, niveau, code
),

rattachements as (
    select * from seuls
    union all
    select * from partages
)

select
    cog_millesime,
    code_origine,
    niveau,
    code,
    nature,
    -- A code that came back is never chained: whole above, not at the commune itself.
    nb_territoires = 1 and not (niveau = 'commune' and nature = 'code_repris') as unique_a_ce_niveau
from rattachements
