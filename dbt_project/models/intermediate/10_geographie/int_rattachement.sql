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

territoires as (
    unpivot heritiers
    on commune, epci, departement, region, france
    into name niveau value code
),

niveaux as (
    select
        cog_millesime,
        code_origine,
        nature,
        nb_heritiers,
        niveau,
        code
    from territoires
    union all
    -- A commune may be in several CTG, or in none.
    select
        h.cog_millesime,
        h.code_origine,
        h.nature,
        h.nb_heritiers,
        'ctg' as niveau,
        c.convention_id as code
    from heritiers as h
    inner join {{ ref('int_ctg_communes') }} as c on h.commune = c.code
),

seuls as (
    select
        cog_millesime,
        code_origine,
        niveau,
        code,
        nature,
        true as entier
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
        count(*) = any_value(nb_heritiers) as entier
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
    entier as unique_a_ce_niveau
from rattachements
