-- The register of the Caf counted by commune: one line per commune, year and mesure. A mesure is there for the years
-- in which the register holds a structure it counts; it is missing where a structure does not say.
-- Mesure, types of structures it counts, what each of them adds.
{% set mesures = [
    ('eaje', ['eaje'], '1'),
    ('eaje_avip', ['eaje'], "case avip when 'oui' then 1 when 'non' then 0 end"),
    ('places_eaje', ['eaje'], 'places'),
    ('places_eaje_psu', ['eaje'], 'places_psu'),
    ('mam', ['mam'], '1'),
    ('rpe', ['rpe'], '1'),
    ('laep', ['laep'], '1'),
    ('clas', ['clas'], '1'),
    ('alsh', ['alsh'], '1'),
    ('places_alsh', ['alsh'], 'places'),
    ('accueils_jeunes', ['accueil_jeunes'], '1'),
    ('postes_ps_jeunes', ['accueil_jeunes'], 'postes_ps_jeunes'),
    ('mediations_familiales', ['mediation_familiale'], '1'),
    ('centres_sociaux', ['centre_social'], 'en_vigueur'),
    ('espaces_vie_sociale', ['evs'], 'en_vigueur'),
    ('agrements_a_renouveler_12_mois', ['centre_social', 'evs'], 'a_renouveler'),
    ('foyers_jeunes_travailleurs', ['fjt'], '1'),
    ('places_fjt', ['fjt'], 'places'),
    ('permanences_caf', ['permanence_caf'], '1'),
    ('points_numeriques_caf', ['point_numerique_caf'], '1')
] + subventions_caf() %}
with structures as (
    select
        *,
        -- An agrément whose end is not stated is in force: the register lists it.
        if(agrement_fin < make_date(annee, 12, 31), 0, 1) as en_vigueur,
        cast(agrement_fin between make_date(annee, 12, 31) and make_date(annee + 1, 12, 31) as integer) as a_renouveler
    from {{ source('normalised', 'caf_equipements__structures') }}
    -- A file may hold several years: the newest file that holds a year wins.
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
),

comptes as (
    {% for mesure, types, apport in mesures %}
        select
            fichier_sha256,
            millesime_fichier,
            code,
            cog_millesime,
            annee,
            '{{ mesure }}' as mesure_id,
            cast({{ apport }} as decimal(30, 15)) as apport
        from structures
        where type in ('{{ types | join("', '") }}')
        {{ 'union all' if not loop.last }}
    {% endfor %}
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
            -- Of a zone that is not stated, only the commune of the structure is known to depend on it.
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
    'commune' as niveau,
    code,
    cog_millesime,
    annee as millesime,
    mesure_id,
    case when bool_and(apport is not null) then sum(apport) end as valeur,
    case when bool_or(apport is null) then 'manquant' end as marque,
    false as arrondi
from (
    select * from comptes
    union all
    select * from communes
) as apports
group by all
