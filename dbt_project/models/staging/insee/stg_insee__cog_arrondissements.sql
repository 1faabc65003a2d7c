-- The 45 arrondissements municipaux and the commune each belongs to, the same in every COG.
select distinct
    code,
    commune_parente
from {{ source('normalised', 'insee_cog_communes__communes') }}
where typecom = 'ARM'
