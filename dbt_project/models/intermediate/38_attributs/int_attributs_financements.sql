-- The money of a convention: what was paid of what was pledged, year by year. Where a line does not say both, the share
-- is not available, and says how many do not.
with annees as (
    select
        convention_id,
        annee,
        sum(montant_paye) as numerateur,
        sum(montant_engage) as denominateur,
        count(*) filter (where montant_paye is null or montant_engage is null) as inconnues
    from {{ ref('stg_ctg__financements') }}
    group by all
)

select
    convention_id,
    annee as millesime,
    'taux_execution_financement' as indicateur_id,
    if(inconnues = 0, numerateur, null) as numerateur,
    if(inconnues = 0, denominateur, null) as denominateur,
    if(inconnues = 0, null, 'montants_non_renseignes') as motif_code,
    if(
        inconnues = 0, null, inconnues || if(inconnues = 1, ' ligne', ' lignes') || ' sans montant engagé ou payé'
    ) as motif
from annees
