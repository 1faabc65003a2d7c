-- The returns of the structures by commune: one line per commune, year and mesure, missing where a structure that owes
-- the figure does not give it.
with bilans as (
    {{ structures_bilans() }}
),

apports as (
    {{ apports_des_structures(mesures_bilans(), 'bilans') }}
)

select
    'caf_bilans_structures' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    annee as millesime,
    mesure_id,
    case when bool_and(apport is not null) then sum(apport) end as valeur,
    case when bool_or(apport is null) then 'manquant' end as marque,
    false as arrondi
from apports
group by all
