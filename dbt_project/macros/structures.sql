{# Lists of structures, and which mesures they count; of those of the Caf, which types of structures each counts. Read by the
   models that count by commune, and by the one that keeps who was counted (`stg_structures`). #}

{# Mesure, types of structures it counts, what each of them adds. #}
{% macro mesures_equipements() %}
    {{ return([
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
    ] + subventions_caf()) }}
{% endmacro %}

{# The same, of their yearly returns. #}
{% macro mesures_bilans() %}
    {{ return([
        ('heures_eaje_capacite', ['eaje'], 'heures_capacite'),
        ('heures_eaje_realisees', ['eaje'], 'heures_realisees'),
        ('heures_eaje_facturees', ['eaje'], 'heures_facturees'),
        ('etp_prevus', ['eaje'], 'etp_prevus'),
        ('etp_vacants', ['eaje'], 'etp_vacants'),
        ('places_gelees', ['eaje'], 'places_gelees'),
        ('stagiaires_apprentis', ['eaje', 'alsh', 'centre_social', 'evs'], 'stagiaires_apprentis'),
        ('heures_alsh_realisees', ['alsh'], 'heures_realisees'),
        ('heures_laep', ['laep'], 'heures_ouverture'),
        ('enfants_clas', ['clas'], 'enfants'),
        ('benevoles_avs', ['centre_social', 'evs'], 'benevoles')
    ]) }}
{% endmacro %}

{# The structures of the register, each year from the newest file that holds it. #}
{% macro structures_equipements() %}
    select
        *,
        -- An agrément whose end is not stated is in force: the register lists it.
        if(agrement_fin < make_date(annee, 12, 31), 0, 1) as en_vigueur,
        cast(agrement_fin between make_date(annee, 12, 31) and make_date(annee + 1, 12, 31) as integer) as a_renouveler
    from {{ source('normalised', 'caf_equipements__structures') }}
    -- A file may hold several years: the newest file that holds a year wins.
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
{% endmacro %}

{# Their returns, likewise. #}
{% macro structures_bilans() %}
    select *
    from {{ source('normalised', 'caf_bilans_structures__structures') }}
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
{% endmacro %}

{# The centres médico-sociaux of the Département, likewise. #}
{% macro centres_medico_sociaux() %}
    select *
    from {{ source('normalised', 'cd_pmi__centres_medico_sociaux') }}
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
{% endmacro %}

{# What each structure adds to each mesure that counts it; NULL where it does not say. #}
{% macro apports_des_structures(mesures, structures) %}
    {%- for mesure, types, apport in mesures %}
        select
            fichier_sha256,
            millesime_fichier,
            ligne,
            id_structure,
            code,
            cog_millesime,
            annee,
            '{{ mesure }}' as mesure_id,
            cast({{ apport }} as decimal(30, 15)) as apport
        from {{ structures }}
        where type in ('{{ types | join("', '") }}')
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# Letters and digits of a text, as names and addresses are compared. #}
{% macro mots_de(texte) -%}
    trim(regexp_replace(strip_accents(lower({{ texte }})), '[^a-z0-9]+', ' ', 'g'))
{%- endmacro %}

{# The name of a commune, as it is compared: its saints in full. #}
{% macro nom_de_commune(texte) -%}
    regexp_replace({{ mots_de(texte) }}, '\bst(e?)\b', 'saint\1', 'g')
{%- endmacro %}

{# The name of a structure of several sites, which each of its sites has in its own:
   France services multisites Sud-Hérault - Site de Quarante      france services sud herault
   France services Sud-Hérault – Site de Cruzy                    france services sud herault #}
{% macro nom_de_structure(libelle) -%}
    replace({{ mots_de("regexp_replace(" ~ libelle ~ ", ' *[-–] *[Ss]ites? .*$', '')") }}, ' multisites', '')
{%- endmacro %}

{# The labelled points, one line each; a structure of several sites is counted at the first of its main ones. The list of
   2021 has no code of its own and tells some points twice: once here, by the first line. Where its geocoder is less sure
   than half its département is wrong one time in three; above, never. #}
{% macro points_france_services() %}
    select
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        ligne,
        libelle,
        type_structure = 'Principal' and 1 = row_number() over (
            partition by
                fichier_sha256, type_structure,
                case when format_structure = 'Multisites' then left(code, 2) || {{ nom_de_structure('libelle') }} else id_structure end
            order by ligne
        ) as structure
    from {{ source('normalised', 'anct_france_services__structures') }}
    union all
    select
        fichier_sha256,
        millesime_fichier,
        code,
        cog_millesime,
        min(ligne) as ligne,
        any_value(libelle) as libelle,
        true as structure
    from {{ source('normalised', 'anct_france_services__structures_2021') }}
    where
        code is not null
        and (
            score > 0.7
            -- Of a geocoder that is less sure, the commune is that of the address as the list writes it.
            or (score > 0.5 and contains({{ mots_de('commune_trouvee') }}, {{ mots_de('commune_ecrite') }}))
        )
    -- One point under two wordings has one address; where it has none, one name.
    group by
        fichier_sha256, millesime_fichier, code, cog_millesime,
        coalesce(nullif({{ mots_de('adresse') }}, ''), {{ mots_de('libelle') }})
{% endmacro %}
