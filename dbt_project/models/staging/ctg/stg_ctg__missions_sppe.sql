-- Missions of the service public de la petite enfance that a convention implements.
select
    convention_id,
    mission_id,
    libelle,
    axes
from {{ dernier_etat('missions_sppe') }}
