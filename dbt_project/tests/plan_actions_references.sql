-- Identifiers that one table of the plan d'actions names and no other holds: their lines reach no reader. Told, and
-- never a reason to stop the night: the coordinator corrects the table.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_ctg__actions'}}}) }}
{#- Table, column, where its identifiers are (a target is that of an axe or of an action), and the column's name in the
   coordinator's table where staging changed it. -#}
{%- set axes = ('stg_ctg__axes', 'axe_id') -%}
{%- set conventions = ('int_ctg_conventions', 'convention_id') -%}
{%- set references = [
    ('actions', 'axe_id', [axes], 'axes'),
    ('indicateurs_cibles', 'objet_id', [axes, ('stg_ctg__actions', 'action_id')]),
    ('axes', 'convention_id', [conventions]),
    ('calendrier', 'convention_id', [conventions]),
    ('reunions', 'instance_id', [('stg_ctg__instances', 'instance_id')]),
    ('constats', 'convention_id', [conventions]),
    ('instances', 'convention_id', [conventions]),
    ('missions_sppe', 'convention_id', [conventions]),
    ('signataires', 'convention_id', [conventions]),
    ('signataires', 'acteur_id', [('stg_ctg__acteurs', 'acteur_id')]),
    ('orientations', 'axe_id', [axes]),
    ('conventions', 'convention_id', [('stg_ctg__perimetres', 'convention_id')]),
    ('perimetres', 'convention_id', [('stg_ctg__conventions', 'convention_id')]),
    ('avenants', 'convention_id', [conventions]),
    ('financements', 'convention_id', [conventions]),
    ('politiques', 'convention_id', [conventions]),
    ('demarche', 'convention_id', [conventions])
] %}
{%- for reference in references %}
    {%- set nom_table, colonne, tenues = reference[:3] %}
    {%- if not loop.first %}
        union all
    {%- endif %}
    select
        '{{ nom_table }}' as nom_table,
        '{{ reference[3] | default(colonne) }}' as colonne,
        {{ colonne }} as identifiant
    from {{ ref('stg_ctg__' ~ nom_table) }}
    where
        true
        {%- for modele, cle in tenues %}
            and {{ colonne }} not in (select t.{{ cle }} from {{ ref(modele) }} as t)
        {%- endfor %}
{%- endfor %}
