-- Who signed each convention, in the order of the table.
select
    convention_id,
    acteur_id,
    ligne as ordre
from {{ dernier_etat('signataires') }}
