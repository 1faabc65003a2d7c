-- The returns of the structures by commune: one line per commune, year and mesure, missing where a structure that owes
-- the figure does not give it.
{% set mesures = [
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
] %}
with bilans as (
    select *
    from {{ source('normalised', 'caf_bilans_structures__structures') }}
    qualify millesime_fichier = max(millesime_fichier) over (partition by annee)
),

apports as (
    {% for mesure, types, apport in mesures %}
        select
            fichier_sha256,
            millesime_fichier,
            code,
            cog_millesime,
            annee,
            '{{ mesure }}' as mesure_id,
            cast({{ apport }} as decimal(30, 15)) as apport
        from bilans
        where type in ('{{ types | join("', '") }}')
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    'caf_bilans_structures' as source_id,
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
from apports
group by all
