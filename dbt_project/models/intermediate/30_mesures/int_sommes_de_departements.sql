-- Additive mesures of the régions that their producer does not publish, summed over the figures that it publishes of
-- départements, when all of them are shown.
--   départements A 10 and B 20 of one région  ->  30
--   A 10 and B secret, missing or not received  ->  no line
with departements as (
    select
        departement,
        region,
        count(*) over (partition by region) as nombre
    from {{ ref('departements') }}
),

publiees as (
    select
        p.*,
        d.region,
        d.nombre
    from {{ ref('int_valeurs_publiees') }} as p
    inner join {{ ref('mesures') }} as m on p.mesure_id = m.mesure_id
    inner join departements as d on p.code = d.departement
    where p.niveau = 'departement' and m.additive and {{ montre(rang_statut('p.statut')) }}
),

sommes as (
    select
        'region' as niveau,
        region as code,
        source_id,
        mesure_id,
        millesime,
        geographie,
        max({{ rang_statut('statut') }}) as rang_statut,
        sum(valeur) as valeur,
        {{ incertitude_de_la_somme() }}
    from publiees
    group by all
    having count(*) = any_value(nombre)
)

select
    s.niveau,
    s.code,
    s.source_id,
    s.mesure_id,
    s.millesime,
    cast(null as varchar) as champ,
    s.geographie,
    {{ statut_du_rang('s.rang_statut') }} as statut,
    cast(null as varchar) as motif_code,
    cast(null as varchar) as motif,
    s.valeur,
    s.enveloppe_basse,
    s.enveloppe_haute,
    s.milieu_basse,
    s.milieu_haute,
    s.variance
from sommes as s
anti join {{ ref('int_valeurs_publiees') }} as p
    on s.niveau = p.niveau and s.code = p.code and s.mesure_id = p.mesure_id and s.millesime = p.millesime
