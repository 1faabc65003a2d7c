-- Who was counted: each structure of a register, with its line and its name, for each mesure it adds to. Kept for the
-- operator beside the release (`ctg explain`); no mart reads it, and no release holds it.
with equipements as (
    {{ structures_equipements() }}
),

bilans as (
    {{ structures_bilans() }}
),

noms as (
    -- A return names its structure by its identifier in the register.
    select
        id_structure,
        annee,
        any_value(libelle) as nom
    from equipements
    group by id_structure, annee
),

centres_medico_sociaux as (
    {{ centres_medico_sociaux() }}
),

france_services as (
    {{ points_france_services() }}
),

apports as (
    select
        'caf_equipements' as source_id,
        *
    from ({{ apports_des_structures(mesures_equipements(), 'equipements') }}) as e
    union all
    select
        'caf_bilans_structures' as source_id,
        *
    from ({{ apports_des_structures(mesures_bilans(), 'bilans') }}) as b
    union all by name
    select
        'cd_pmi' as source_id,
        fichier_sha256,
        millesime_fichier,
        ligne,
        libelle,
        code,
        cog_millesime,
        annee,
        'centres_medico_sociaux' as mesure_id,
        1 as apport
    from centres_medico_sociaux
    union all by name
    select
        'anct_france_services' as source_id,
        fichier_sha256,
        millesime_fichier,
        ligne,
        libelle,
        code,
        cog_millesime,
        millesime_fichier as annee,
        'france_services' as mesure_id,
        1 as apport
    from france_services
)

select
    a.source_id,
    a.fichier_sha256,
    a.ligne,
    coalesce(a.libelle, n.nom, a.id_structure) as libelle,
    a.code,
    a.cog_millesime,
    a.annee as millesime,
    a.mesure_id,
    cast(a.apport as double) as apport
from apports as a
left join noms as n on a.id_structure = n.id_structure and a.annee = n.annee
