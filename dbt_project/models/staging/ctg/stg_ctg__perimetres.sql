-- The communes of each convention, with the COG their code belongs to and the days they are in it.
select
    convention_id,
    code,
    cog_millesime,
    date_debut,
    date_fin
from {{ dernier_etat('perimetres') }}
