{# What the extract of allocataires gives, mesure by mesure: how many foyers meet a condition (`compte`), or the sum of
   what each foyer brings (`somme`), read in stg_caf__extrait_foyers among the foyers that have a right in the month; `annuelle`:
   among all of them. `exige` names the columns a Caf may leave out: without one of them the mesure is not available, which
   is not 0. `seuil`: it needs the threshold of bas revenus of its year. #}
{% macro mesures_extrait() %}
    {%- set sous_seuil = 'population_reference and ruc < seuil_mensuel' -%}
    {%- set monoparentale = 'enfants > 0 and isole' -%}
    {%- set dependant = 'population_reference and prestations_mensuelles > 0' -%}
    {%- set familles_de_prestations = [
        'annuel_aides_logement', 'annuel_precarite', 'annuel_familiales', 'annuel_handicap'
    ] -%}
    {{ return([
        {'id': 'foyers_allocataires', 'compte': 'true'},
        {'id': 'foyers_extrait', 'compte': 'true'},
        {'id': 'foyers_rsa', 'compte': 'montant_rsa > 0'},
        {'id': 'foyers_prime_activite', 'compte': 'montant_prime_activite > 0'},
        {'id': 'foyers_aah', 'compte': 'montant_aah > 0'},
        {'id': 'foyers_paje', 'compte': 'montant_paje > 0'},
        {'id': 'foyers_cmg', 'compte': 'montant_cmg > 0'},
        {'id': 'foyers_af', 'compte': 'montant_af > 0'},
        {'id': 'foyers_asf', 'compte': 'montant_asf > 0'},
        {'id': 'foyers_aide_logement', 'compte': 'montant_aide_logement > 0'},
        {'id': 'foyers_apl', 'compte': 'montant_apl > 0'},
        {'id': 'foyers_qf_connu', 'compte': 'quotient_familial is not null', 'exige': ['quotient_familial']},
        {'id': 'foyers_qf_moins_400', 'compte': 'quotient_familial < 400', 'exige': ['quotient_familial']},
        {'id': 'foyers_qf_moins_800', 'compte': 'quotient_familial < 800', 'exige': ['quotient_familial']},
        {'id': 'foyers_sans_courriel', 'compte': 'not courriel_connu', 'exige': ['courriel_connu']},
        {'id': 'impayes_loyer', 'compte': 'impaye_loyer', 'exige': ['impaye_loyer']},
        {'id': 'foyers_effort_logement', 'compte': 'taux_effort is not null',
         'exige': ['loyer', 'charges', 'ressources_mensuelles']},
        {'id': 'familles_allocataires', 'compte': 'enfants > 0'},
        {'id': 'familles_monoparentales_allocataires', 'compte': monoparentale},
        {'id': 'familles_nombreuses_allocataires', 'compte': 'enfants >= 3'},
        {'id': 'allocataires_reference', 'compte': 'population_reference'},
        {'id': 'allocataires_bas_revenus', 'compte': sous_seuil, 'exige': ['ruc'], 'seuil': true},
        {'id': 'allocataires_fragiles', 'seuil': true, 'exige': ['ruc', 'ruc_hors_prestations'],
         'compte': 'population_reference and ruc >= seuil_mensuel and ruc_hors_prestations < seuil_mensuel'},
        {'id': 'monoparentales_reference', 'compte': 'population_reference and ' ~ monoparentale},
        {'id': 'monoparentales_bas_revenus', 'compte': sous_seuil ~ ' and ' ~ monoparentale, 'exige': ['ruc'], 'seuil': true},
        {'id': 'allocataires_dependance_50', 'exige': ['ressources_mensuelles'],
         'compte': dependant ~ ' and prestations_mensuelles >= ressources_mensuelles'},
        {'id': 'allocataires_dependance_75', 'exige': ['ressources_mensuelles'],
         'compte': dependant ~ ' and prestations_mensuelles >= 3 * ressources_mensuelles'},
        {'id': 'allocataires_dependance_100', 'exige': ['ressources_mensuelles'],
         'compte': dependant ~ ' and ressources_mensuelles = 0'},
        {'id': 'personnes_couvertes', 'somme': 'nb_personnes'},
        {'id': 'enfants_reference', 'somme': 'case when population_reference then enfants end'},
        {'id': 'enfants_bas_revenus', 'somme': 'case when ' ~ sous_seuil ~ ' then enfants end', 'exige': ['ruc'], 'seuil': true},
        {'id': 'enfants_moins_3_ans_couverts', 'somme': 'enfants_0_2'},
        {'id': 'enfants_6_11_ans_couverts', 'somme': 'enfants_6_11'},
        {'id': 'jeunes_12_17_ans_couverts', 'somme': 'enfants_12_17'},
        {'id': 'enfants_aeeh', 'somme': 'enfants_aeeh', 'exige': ['enfants_aeeh']},
        {'id': 'allocataires_annee', 'compte': 'true', 'annuelle': true},
        {'id': 'montant_aides_logement', 'somme': 'annuel_aides_logement', 'annuelle': true, 'exige': ['annuel_aides_logement']},
        {'id': 'montant_prestations_precarite', 'somme': 'annuel_precarite', 'annuelle': true, 'exige': ['annuel_precarite']},
        {'id': 'montant_prestations_familiales', 'somme': 'annuel_familiales', 'annuelle': true, 'exige': ['annuel_familiales']},
        {'id': 'montant_prestations_handicap', 'somme': 'annuel_handicap', 'annuelle': true, 'exige': ['annuel_handicap']},
        {'id': 'montant_prestations_total', 'somme': familles_de_prestations | join(' + '), 'annuelle': true,
         'exige': familles_de_prestations}
    ]) }}
{% endmacro %}

{# Its medians: of which column of stg_caf__extrait_foyers. The count of the foyers it is made of is `effectif` in
   seeds/mesures.csv. #}
{% macro medianes_extrait() %}
    {{ return([{'id': 'taux_effort_logement_net_median', 'colonne': 'taux_effort'}]) }}
{% endmacro %}

{# The columns of the extract that some mesure needs and a Caf may leave out. #}
{% macro colonnes_facultatives() %}
    {%- set colonnes = [] -%}
    {%- for m in mesures_extrait() -%}
        {%- for colonne in m.exige or [] if colonne not in colonnes -%}
            {%- do colonnes.append(colonne) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(colonnes) }}
{% endmacro %}
