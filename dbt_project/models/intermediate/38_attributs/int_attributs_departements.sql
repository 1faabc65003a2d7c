-- The plan of a département: how many axes it has.
select
    'departement' as niveau,
    departement as code,
    cast(annee as integer) as millesime,
    'nb_axes_plan_departemental' as indicateur_id,
    count(*) as valeur
from {{ ref('stg_ctg__axes_departementaux') }}
group by departement, annee
