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
    select *
    from {{ source('normalised', 'cd_pmi__centres_medico_sociaux') }}
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
),

france_services as (
    select
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        ligne,
        libelle
    from {{ source('normalised', 'anct_france_services__structures') }}
    union all
    -- A point told twice is counted once (stg_anct__france_services): by its first line.
    select
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        min(ligne) as ligne,
        any_value(libelle) as libelle
    from {{ source('normalised', 'anct_france_services__structures_2021') }}
    where code is not null and score > 0.5
    group by fichier_sha256, millesime_fichier, code, cog_millesime, concat_ws(' ', libelle, adresse)
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
