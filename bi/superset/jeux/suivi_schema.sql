{#- The scenario that starts from the last rate of coverage: one row per year. -#}
select
    {{ etiquette('t') }} as territoire,
    m.annee,
    m.millesime_base,
    m.places_maintenues,
    m.places_planifiees,
    m.places_annoncees_privees,
    m.places_ouvertes,
    m.places_visees,
    {{ mot('m.places_visees_statut', statuts) }} as places_visees_statut,
    m.taux_base,
    m.taux_scenario,
    {{ mot('m.taux_scenario_statut', statuts) }} as taux_scenario_statut,
    m.taux_scenario_borne_basse,
    m.taux_scenario_borne_haute,
    m.prevision,
    m.taux_departement,
    m.hypotheses,
    m.motif,
    m.demonstration,
    t.territoire_id,
    m.convention_id
from {{ concernes() }} as s
inner join marts.mart_sppe_schema as m on m.convention_id = s.convention_id
inner join marts.dim_territoire as t on t.territoire_id = s.territoire_id
where m.millesime_base = (
    select max(d.millesime_base) from marts.mart_sppe_schema as d where d.convention_id = m.convention_id
)
