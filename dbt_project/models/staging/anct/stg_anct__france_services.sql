-- Labelled points, counted by commune of the point; structures, by commune of their first main site.
with points as (
    {{ points_france_services() }}
)

select
    fichier_sha256,
    millesime_fichier,
    millesime_fichier as millesime,
    cog_millesime,
    code,
    count(*) as france_services,
    count(*) filter (where structure) as structures_france_services
from points
group by all
