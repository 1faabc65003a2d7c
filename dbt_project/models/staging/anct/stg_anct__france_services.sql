-- Labelled points, counted by commune of the point.
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    count(*) as france_services
from {{ source('normalised', 'anct_france_services__structures') }}
group by all
union all
-- The list of 2021 has no code of its own and tells some points twice. Where the geocoder is less sure than this
-- its département is wrong one time in three; above, never.
select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    count(distinct concat_ws(' ', libelle, adresse)) as france_services
from {{ source('normalised', 'anct_france_services__structures_2021') }}
where code is not null and score > 0.5
group by all
