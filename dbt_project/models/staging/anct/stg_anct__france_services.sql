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
