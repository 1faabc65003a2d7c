-- The years a convention holds, prolongations included: what is true of the whole of it is true of each.
select
    convention_id,
    cast(unnest(range(annee_debut, annee_fin + 1)) as integer) as annee
from {{ ref('int_ctg_conventions') }}
