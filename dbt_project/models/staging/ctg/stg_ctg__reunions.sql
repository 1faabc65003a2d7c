-- Meetings of the instances. What was decided there stays in the plan: minutes may name people.
select
    instance_id,
    date as jour,
    tenue = 'oui' as tenue
from {{ dernier_etat('reunions') }}
