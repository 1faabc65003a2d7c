-- Figures that do not add up, at the level where their producer publishes them.
{{ mesures_en_long(
    ref('stg_insee__filosofi'),
    ['mediane_niveau_vie', 'rapport_interdecile', 'part_prestations_sociales_revenu'],
    source_id='insee_filosofi',
    niveau='niveau',
    marques=true
) }}
union all
{{ mesures_en_long(ref('stg_insee__filosofi'), ['menages_fiscaux'], source_id='insee_filosofi', niveau='niveau') }}
union all
{{ mesures_en_long(
    ref('stg_insee__comparateur'),
    ['mediane_niveau_vie', 'taux_pauvrete_60'],
    source_id='insee_comparateur',
    marques=true,
    millesimes_propres=['mediane_niveau_vie', 'taux_pauvrete_60']
) }}
union all
{{ mesures_en_long(
    ref('stg_cnaf__taux_couverture'),
    [
        'taux_couverture_petite_enfance', 'taux_couverture_eaje', 'taux_couverture_eaje_psu',
        'taux_couverture_eaje_hors_psu', 'taux_couverture_assistants_maternels',
        'taux_couverture_prescolarisation', 'taux_couverture_domicile'
    ],
    niveau='niveau'
) }}
