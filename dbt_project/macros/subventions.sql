{#- Amounts of the register of structures: mesure, types of structures it counts, what each of them adds. -#}
{% macro subventions_caf() %}
    {% set financees = [
        'eaje', 'mam', 'rpe', 'laep', 'alsh', 'accueil_jeunes', 'clas', 'action_parentalite', 'mediation_familiale',
        'centre_social', 'evs', 'fjt'
    ] %}
    {{ return([
        ('financement_eaje', ['eaje'], 'montant_caf'),
        ('financement_eaje_rpe', ['eaje', 'rpe'], 'montant_caf'),
        ('financement_enfance_jeunesse', ['alsh', 'accueil_jeunes'], 'montant_caf'),
        ('bonus_territoire', financees, 'montant_bonus_territoire'),
        ('financement_caf', financees, 'montant_caf')
    ]) }}
{% endmacro %}
