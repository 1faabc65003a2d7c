-- The communes each territory is the sum of, in each COG that figures of that millésime are coded in, covered by
-- them or not: a figure of France is a sum over France. A commune whose heirs disagree is in none of their territories.
with series as (
    select distinct
        millesime,
        cog_millesime
    from {{ ref('int_secret_communes') }}
)

select
    s.millesime,
    s.cog_millesime,
    r.niveau,
    r.code,
    r.code_origine as atome
from series as s
inner join {{ ref('int_rattachement') }} as r on s.cog_millesime = r.cog_millesime
where r.unique_a_ce_niveau
