"""A series of five years that rises, its trend, what is said of it, and what breaks them.

A case is a control, SQL, other controls.
"""

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
# The pair that is told, and the row that tells it.
DITES = """
insert into marts.mart_evolutions by name
select territoire_id, niveau, indicateur_id, 'attribut' as methode, 'favorable' as polarite,
    false as base_ctg, 2019 as millesime_debut, 2023 as millesime_fin,
    150::double as valeur_debut, 190::double as valeur_fin,
    'observe' as valeur_debut_statut, 'observe' as valeur_fin_statut, 'observe' as statut,
    40::double as evolution, '+40' as evolution_affichee, 100 * 40 / 150::double as evolution_relative,
    'point' as lisibilite, 'favorable' as evolution_lecture
from marts.mart_tendances where tendance = 'hausse';
create table marts.mart_evolutions_dites as
select territoire_id, niveau, indicateur_id, polarite, millesime_debut, millesime_fin, true as choisie,
    null::integer as depuis_de, null::integer as depuis_a, statut, evolution, 'mesuree' as forme,
    if(statut = 'observe', '+26,7 %', evolution_affichee) as evolution_affichee,
    if(statut = 'observe', 'hausse', 'deux_niveaux') as mouvement, null::integer as stable_depuis,
    if(statut = 'observe', 'favorable', 'neutre') as couleur
from marts.mart_evolutions where statut in ('observe', 'arrondi')
"""
DIT: list[tuple[str, ...]] = [
    ("evolution_infidele", "set evolution = 41 where mouvement = 'hausse'"),
    ("evolution_infidele", "set statut = 'arrondi' where mouvement = 'hausse'"),
    ("evolution_infidele", "set millesime_fin = 2022 where mouvement = 'hausse'"),
    ("depart_double", "set choisie = false where mouvement = 'hausse'"),
    ("depart_double", "set depuis_de = 2018 where mouvement = 'hausse'"),
    ("imprime_contraire", "set evolution_affichee = '−26,7 %' where mouvement = 'hausse'"),
    ("imprime_contraire", "set forme = 'refusee' where mouvement = 'hausse'"),
    (
        "mouvement_non_etabli",
        "set mouvement = 'baisse' where mouvement = 'hausse'",
        "mart_evolutions_dites/couleur_non_etablie",
    ),
    (
        "mouvement_non_etabli",
        "update marts.mart_tendances set tendance = 'sans_tendance', motif = 'trop peu'"
        " where tendance = 'hausse'",
        "mart_tendances/lecture_incoherente",
    ),
    ("couleur_non_etablie", "set mouvement = 'deux_niveaux' where mouvement = 'hausse'"),
    ("couleur_non_etablie", "set couleur = 'defavorable' where mouvement = 'hausse'"),
    ("stable_qui_bouge", "set stable_depuis = 2019 where mouvement = 'hausse'"),
    (
        "evolution_tue",
        "delete from marts.mart_evolutions_dites where mouvement = 'deux_niveaux'",
    ),
]
