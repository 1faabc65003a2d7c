-- Identifiers that one table of the plan d'actions names and no other holds: their lines reach no reader. Told, and
-- never a reason to stop the night: the coordinator corrects the table.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ctg_suivi'}}}) }}
with axes as (
    select axe_id from {{ ref('stg_ctg__axes') }}
),

conventions as (
    select convention_id from {{ ref('int_ctg_conventions') }}
)

select
    'actions' as nom_table,
    'axes' as colonne,
    axe_id as identifiant
from {{ ref('stg_ctg__actions') }}
where axe_id not in (select a.axe_id from axes as a)
union all
select
    'indicateurs_cibles' as nom_table,
    'objet_id' as colonne,
    objet_id as identifiant
from {{ ref('stg_ctg__indicateurs_cibles') }}
where
    objet_id not in (select a.axe_id from axes as a)
    and objet_id not in (select a.action_id from {{ ref('stg_ctg__actions') }} as a)
union all
select
    'axes' as nom_table,
    'convention_id' as colonne,
    convention_id as identifiant
from {{ ref('stg_ctg__axes') }}
where convention_id not in (select c.convention_id from conventions as c)
union all
select
    'calendrier' as nom_table,
    'convention_id' as colonne,
    convention_id as identifiant
from {{ ref('stg_ctg__calendrier') }}
where convention_id not in (select c.convention_id from conventions as c)
union all
select
    'reunions' as nom_table,
    'instance_id' as colonne,
    instance_id as identifiant
from {{ ref('stg_ctg__reunions') }}
where instance_id not in (select i.instance_id from {{ ref('stg_ctg__instances') }} as i)
union all
select
    'constats' as nom_table,
    'convention_id' as colonne,
    convention_id as identifiant
from {{ ref('stg_ctg__constats') }}
where convention_id not in (select c.convention_id from conventions as c)
union all
select
    'instances' as nom_table,
    'convention_id' as colonne,
    convention_id as identifiant
from {{ ref('stg_ctg__instances') }}
where convention_id not in (select c.convention_id from conventions as c)
union all
select
    'missions_sppe' as nom_table,
    'convention_id' as colonne,
    convention_id as identifiant
from {{ ref('stg_ctg__missions_sppe') }}
where convention_id not in (select c.convention_id from conventions as c)
union all
select
    'signataires' as nom_table,
    'convention_id' as colonne,
    convention_id as identifiant
from {{ ref('stg_ctg__signataires') }}
where convention_id not in (select c.convention_id from conventions as c)
union all
select
    'signataires' as nom_table,
    'acteur_id' as colonne,
    acteur_id as identifiant
from {{ ref('stg_ctg__signataires') }}
where acteur_id not in (select a.acteur_id from {{ ref('stg_ctg__acteurs') }} as a)
union all
select
    'orientations' as nom_table,
    'axe_id' as colonne,
    axe_id as identifiant
from {{ ref('stg_ctg__orientations') }}
where axe_id not in (select a.axe_id from axes as a)
