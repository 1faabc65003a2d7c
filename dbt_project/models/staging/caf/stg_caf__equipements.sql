-- The register of the Caf counted by commune: one line per commune, year and mesure. A mesure is there for the years
-- in which the register holds a structure it counts; it is missing where a structure does not say.
with structures as (
    {{ structures_equipements() }}
),

comptes as (
    {{ apports_des_structures(mesures_equipements(), 'structures') }}
),

communes as (
    -- Communes that have one at least, however many: 1 each.
    select distinct
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        annee,
        'communes_action_parentalite' as mesure_id,
        1 as apport
    from structures
    where type in ('laep', 'clas', 'action_parentalite', 'mediation_familiale')
    union all
    select
        fichier_sha256,
        millesime_fichier,
        zone as code,
        cog_millesime,
        annee,
        'communes_couvertes_avs' as mesure_id,
        max(apport) as apport
    from (
        select
            *,
            -- Where a structure states no zone, only its own commune is known to depend on it.
            unnest(coalesce(string_split(zone_influence, ' ; '), [code])) as zone,
            if(zone_influence is not null, 1, null) as apport
        from structures
        where type in ('centre_social', 'evs') and en_vigueur = 1
    ) as zones
    group by all
)

select
    'caf_equipements' as source_id,
    fichier_sha256,
    millesime_fichier,
    code,
    cog_millesime,
    annee as millesime,
    mesure_id,
    case when bool_and(apport is not null) then sum(apport) end as valeur,
    case when bool_or(apport is null) then 'manquant' end as marque,
    false as arrondi
from (
    select * exclude (ligne, id_structure) from comptes
    union all
    select * from communes
) as apports
group by all
