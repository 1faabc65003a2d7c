-- Centres médico-sociaux by commune and year.
with centres as (
    {{ centres_medico_sociaux() }}
)

select
    'cd_pmi' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    annee as millesime,
    'centres_medico_sociaux' as mesure_id,
    cast(count(*) as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque,
    false as arrondi
from centres
group by all
