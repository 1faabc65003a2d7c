-- Agréments of the structures of animation de la vie sociale, one line per structure and year.
with equipements as (
    {{ structures_equipements() }}
)

select
    annee as millesime,
    id_structure,
    code,
    cog_millesime,
    agrement_fin
from equipements
where type in ('centre_social', 'evs')
