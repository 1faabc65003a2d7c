-- The money of a convention: what was paid of what was pledged, in the years where every line says both.
select
    convention_id,
    annee as millesime,
    'taux_execution_financement' as indicateur_id,
    sum(montant_paye) as numerateur,
    sum(montant_engage) as denominateur
from {{ ref('stg_ctg__financements') }}
group by all
having bool_and(montant_paye is not null and montant_engage is not null)
