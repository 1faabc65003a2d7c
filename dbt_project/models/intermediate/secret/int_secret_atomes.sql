-- The communes each territory is the sum of, in the COG of the extract of that millésime, covered by it or not: a
-- figure of France is a sum over France. A commune whose heirs disagree is in none of their territories.
with extraits as (
    select distinct
        millesime,
        cog_millesime
    from {{ source('nuit', 'fichiers') }}
    where source = 'caf_extrait_allocataires'
)

select
    e.millesime,
    r.niveau,
    r.code,
    r.code_origine as atome
from extraits as e
inner join {{ ref('int_rattachement') }} as r on e.cog_millesime = r.cog_millesime
where r.unique_a_ce_niveau
