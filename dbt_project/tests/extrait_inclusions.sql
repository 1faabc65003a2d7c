-- A part is never more than the whole it is a part of, commune by commune. Keys alone: a line that fails may hold a
-- figure that no reader may see.
{{ config(severity='error', tags=['portable'], meta={'dagster': {'ref': {'name': 'int_extrait_comptes'}}}) }}
{% set inclusions = {
    'foyers_extrait': [
        'foyers_rsa', 'foyers_prime_activite', 'foyers_aah', 'foyers_paje', 'foyers_af', 'foyers_asf',
        'foyers_aide_logement', 'foyers_qf_connu', 'foyers_sans_courriel', 'impayes_loyer', 'familles_allocataires',
        'allocataires_reference'
    ],
    'allocataires_annee': ['foyers_extrait'],
    'personnes_couvertes': ['foyers_extrait'],
    'foyers_paje': ['foyers_cmg'],
    'foyers_aide_logement': ['foyers_apl', 'foyers_effort_logement'],
    'foyers_qf_connu': ['foyers_qf_moins_800'],
    'foyers_qf_moins_800': ['foyers_qf_moins_400'],
    'familles_allocataires': [
        'familles_monoparentales_allocataires', 'familles_nombreuses_allocataires', 'monoparentales_reference'
    ],
    'allocataires_reference': [
        'allocataires_bas_revenus', 'allocataires_fragiles', 'allocataires_dependance_50', 'monoparentales_reference'
    ],
    'allocataires_dependance_50': ['allocataires_dependance_75'],
    'allocataires_dependance_75': ['allocataires_dependance_100'],
    'monoparentales_reference': ['monoparentales_bas_revenus'],
    'allocataires_bas_revenus': ['monoparentales_bas_revenus'],
    'enfants_reference': ['enfants_bas_revenus']
} %}
with inclusions as (
    {% for tout, parties in inclusions.items() %}
        {% for partie in parties %}
            select
                '{{ partie }}' as partie,
                '{{ tout }}' as tout
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    p.millesime,
    p.code,
    i.partie,
    i.tout
from inclusions as i
inner join {{ ref('int_extrait_comptes') }} as p on i.partie = p.mesure_id
inner join {{ ref('int_extrait_comptes') }} as t
    on i.tout = t.mesure_id and p.millesime = t.millesime and p.code = t.code
where p.valeur > t.valeur
