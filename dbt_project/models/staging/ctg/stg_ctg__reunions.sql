-- Meetings of the instances.
select
    instance_id,
    date as jour,
    tenue = 'oui' as tenue,
    decisions
from {{ dernier_etat('reunions') }}
