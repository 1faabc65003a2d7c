"""A series of five years that rises, its trend, and what breaks it: control, SQL, other controls."""

CHIFFRES = """
insert into marts.dim_indicateur by name
select 'nb_naissances' as indicateur_id, 'petite_enfance' as theme, 'Naissances' as description,
    'naissances' as unite, 'favorable' as polarite, 'attribut' as methode, 0 as decimales, 1 as facteur,
    'epci' as niveaux, false as part_d_un_tout, true as disponible;
insert into marts.fct_indicateurs by name
select 'epci:200068229' as territoire_id, 'epci' as niveau, 2019 + a as millesime,
    'nb_naissances' as indicateur_id, 150 + 10 * a as valeur, 150 + 10 * a as borne_basse,
    150 + 10 * a as borne_haute, 'point' as lisibilite, (150 + 10 * a)::varchar as valeur_affichee,
    'observe' as statut, 'source' as source_ids
from range(5) as t(a);
"""
MART = """
create table marts.mart_tendances as
select territoire_id, niveau, indicateur_id, 'favorable' as polarite, 'hausse' as tendance,
    'favorable' as tendance_lecture, null::varchar as motif, 5 as nb_points,
    '2019, 2020, 2021, 2022, 2023' as annees, 1::double as tau, 0.0275 as valeur_p, 40::double as evolution,
    40::double as evolution_borne_basse, 40::double as evolution_borne_haute
from marts.fct_indicateurs where indicateur_id = 'nb_naissances' and millesime = 2023
union all by name
select territoire_id, niveau, indicateur_id, 'neutre' as polarite, 0 as nb_points,
    '2 années ont un chiffre, il en faut 5' as motif
from marts.fct_indicateurs where indicateur_id = 'population_municipale' and niveau = 'epci'
"""
CAS: list[tuple[str, ...]] = [
    ("points_infideles", "set annees = '2020, 2021, 2022, 2023' where tendance = 'hausse'"),
    ("points_infideles", "set annees = '2020, 2021, 2022, 2023', nb_points = 4 where tendance = 'hausse'"),
    (
        "points_infideles",
        "update marts.fct_indicateurs set lisibilite = 'intervalle' where indicateur_id = 'nb_naissances'"
        " and millesime = 2021",
        "fct_indicateurs/imprime_infidele",
        "fct_indicateurs/lisibilite_incoherente",
    ),
    (
        "tendance_contraire",
        "set tendance = 'baisse' where tendance = 'hausse'",
        "mart_tendances/lecture_incoherente",
    ),
    ("tendance_contraire", "set tau = -1 where tendance = 'hausse'"),
    ("tendance_contraire", "set valeur_p = 0.05 where tendance = 'hausse'"),
    ("tendance_contraire", "set evolution = -40 where tendance = 'hausse'"),
    ("intervalle_recouvrant", "set evolution_borne_basse = -1 where tendance = 'hausse'"),
    ("lecture_incoherente", "set tendance_lecture = 'defavorable' where tendance = 'hausse'"),
    ("lecture_incoherente", "set polarite = 'neutre' where tendance = 'hausse'"),
    ("silence_sans_motif", "set motif = ' ' where tendance is null"),
]
