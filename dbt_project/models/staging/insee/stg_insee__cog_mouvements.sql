-- What happened to communes, from the newest file only: past rows are revised, so files do not add up.
-- A merger is four lines in the source; only the one from commune to commune moves a figure.
select distinct
    date_effet,
    mod,
    code_avant,
    code_apres
from {{ source('normalised', 'insee_cog_mouvements__mouvements') }}
where
    typecom_avant = 'COM'
    and typecom_apres = 'COM'
    and millesime_fichier = (
        select max(m.millesime_fichier) from {{ source('normalised', 'insee_cog_mouvements__mouvements') }} as m
    )
