-- The 45 arrondissements municipaux and the commune each belongs to, the same in every COG; names are of the last.
select
    code,
    commune_parente,
    max_by(libelle, cog_millesime) as libelle
from {{ source('normalised', 'insee_cog_communes__communes') }}
where typecom = 'ARM'
group by all
