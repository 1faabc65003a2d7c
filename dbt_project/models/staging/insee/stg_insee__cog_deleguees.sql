-- What kept a name within a commune that it joined: communes déléguées and associées of the newest COG.
select
    code,
    libelle,
    commune_parente
from {{ source('normalised', 'insee_cog_communes__communes') }}
where
    typecom in ('COMD', 'COMA')
    and cog_millesime = (
        select max(c.cog_millesime) from {{ source('normalised', 'insee_cog_communes__communes') }} as c
    )
