-- Centres médico-sociaux by commune and year.
select
    'cd_pmi' as source_id,
    fichier_sha256,
    millesime_fichier,
    'commune' as niveau,
    code,
    cog_millesime,
    annee as millesime,
    'centres_medico_sociaux' as mesure_id,
    cast(count(*) as decimal(30, 15)) as valeur,
    cast(null as varchar) as marque,
    false as arrondi
from (
    select *
    from {{ source('normalised', 'cd_pmi__centres_medico_sociaux') }}
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
)
group by all
