-- Agréments of the structures of animation de la vie sociale, one line per structure and year.
select
    annee as millesime,
    id_structure,
    code,
    cog_millesime,
    agrement_fin
from {{ source('normalised', 'caf_equipements__structures') }}
where type in ('centre_social', 'evs')
qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
