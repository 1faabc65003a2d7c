-- The communes of each convention, in the COG of the file, and the days they are in it. The newest file replaces
-- the older ones.
select
    convention_id,
    code,
    cog_millesime,
    date_debut,
    date_fin
from {{ source('normalised', 'ctg_plan_actions__perimetres') }}
qualify millesime_fichier = max(millesime_fichier) over ()
