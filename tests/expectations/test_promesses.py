"""Each promise of each mart: kept by the sound build, and turned red by one broken row."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import tendances

from expectations import runner
from expectations.bilan import Bilan, BilanMart, Constat
from expectations.runner import Contexte, valider
from expectations.seuils import charger
from tests.expectations.conftest import THEMES

CONTEXTE = Contexte("mirror", "departement:26")
COMPARATEURS = ("epci", "departement", "region", "france", "pairs")
MASQUEES = {
    "fct_indicateurs": frozenset(
        {"valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute"}
        | {"valeur_affichee"}
    ),
    **{f"mart_{theme}": frozenset(indicateurs) for theme, indicateurs in THEMES.items()},
    "mart_petite_enfance_actuel": frozenset(
        {"taux_couverture_petite_enfance", "taux_couverture_petite_enfance_affichee"}
    ),
    "mart_comparaisons": frozenset({"valeur", *(f"valeur_{x}" for x in COMPARATEURS)}),
    "mart_evolutions": frozenset(
        {"evolution", "evolution_relative", "effet_numerateur", "effet_denominateur", "valeur_debut"}
        | {"valeur_fin"}
    ),
    "mart_derniers_chiffres": frozenset(
        {"valeur", "valeur_affichee", "valeur_precedent", "valeur_precedent_affichee", "evolution_precedent"}
    ),
    "mart_ctg_suivi": frozenset({"valeur"}),
    "mart_sppe_schema": frozenset({"taux_scenario"}),
}
"""What the contracts of the tiny marts declare."""

FCT = "update marts.fct_indicateurs set {} where territoire_id = 'commune:26220' and indicateur_id = '{}'"


def fct(affectation: str, indicateur: str = "nb_foyers_allocataires") -> str:
    return FCT.format(affectation, indicateur)


@pytest.fixture(scope="module", autouse=True)
def jugees_une_fois() -> Iterator[None]:
    """One broken row leaves most columns as they were: the same ones are judged once by an expectation.

    Great Expectations takes 10 ms for each, however few the rows. What was not judged yet is judged by it.
    """
    connues: dict[str, list[int]] = {}
    executer = runner._executer

    def memoire(lot_gx, cadre, attentes, controles):
        cles = {
            a.controle: repr((cadre[a.colonne].dtype, cadre[a.colonne].tolist(), a, controles[a.controle]))
            for a in attentes
        }
        if neuves := [a for a in attentes if cles[a.controle] not in connues]:
            jugees = executer(lot_gx, cadre, neuves, controles)
            connues.update((cles[controle], places) for controle, places in jugees.items())
        return {controle: connues[cle] for controle, cle in cles.items()}

    with pytest.MonkeyPatch.context() as mp:
        mp.setattr(runner, "_executer", memoire)
        yield


# By mart: control, SQL on the star (`set …` updates that mart, `where …` deletes rows of it), text that the
# message must quote, other controls that rightly go red with it.
ETOILE = {
    "dim_territoire": [
        (
            "niveau_connu",
            "insert into marts.dim_territoire by name select 'bassin:1' as territoire_id, 'bassin' as"
            " niveau, '1' as code, 'Bassin' as libelle; insert into marts.fct_indicateurs by name select"
            " 'bassin:1' as territoire_id, 'bassin' as niveau, 2020 as millesime,"
            " 'population_municipale' as indicateur_id, 'non_disponible' as statut, 'hors couverture' as"
            " motif",
            "niveau=bassin",
        ),
        ("identifiant_incoherent", "set code = '26221' where code = '26220'", "commune:26220"),
        (
            "code_malforme",
            "set code = '6220' where code = '26220'",
            "commune:26220",
            "dim_territoire/identifiant_incoherent",
        ),
        ("libelle_absent", "set libelle = ' ' where code = '26220'", "commune:26220"),
        ("rattachement_absent", "set region = null where code = '26220'", "commune:26220"),
        (
            "epci_inconnu",
            "set epci = '200000000' where code = '26220'",
            "commune:26220 (epci 200000000)",
            "fct_indicateurs/somme_discordante",
        ),
    ],
    "dim_indicateur": [
        (
            "identifiant_unique",
            "insert into marts.dim_indicateur from marts.dim_indicateur where indicateur_id ="
            " 'part_allocataires_aah'",
            "identifiant=part_allocataires_aah",
        ),
        (
            "description_absente",
            "set description = '' where indicateur_id = 'mediane_niveau_vie'",
            "identifiant=mediane_niveau_vie",
        ),
        (
            "polarite_connue",
            "set polarite = 'bonne' where indicateur_id = 'mediane_niveau_vie'",
            "polarite=bonne",
        ),
        (
            "unite_sans_plage",
            "set unite = 'lits' where indicateur_id = 'part_allocataires_aah'",
            "exemples=lits",
        ),
        (
            "formule_absente",
            "set denominateur = null where indicateur_id = 'part_allocataires_rsa'",
            "identifiant=part_allocataires_rsa",
        ),
        (
            "motif_absent",
            "set motif = null where indicateur_id = 'part_allocataires_aah'",
            "identifiant=part_allocataires_aah",
        ),
        (
            "silencieux",
            "delete from marts.dim_disponibilite",
            "identifiant=taux_couverture_petite_enfance, niveau=commune",
        ),
    ],
    "fct_indicateurs": [
        (
            "hors_plage",
            "set valeur = 203900, borne_haute = 203900 where territoire_id = 'commune:26220' and"
            " indicateur_id = 'mediane_niveau_vie'",
            "commune:26220 : 203900",
        ),
        (
            "part_hors_0_100",
            "set valeur = 125, numerateur = 2500, borne_haute = 125 where territoire_id ="
            " 'commune:26220' and indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 : 125",
            "fct_indicateurs/calcul_incoherent",
            "fct_indicateurs/lisibilite_incoherente",
        ),
        (
            "statut_inconnu",
            "set statut = 'estime' where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 (estime)",
        ),
        (
            "masque_avec_valeur",
            "set statut = 'secret', motif = 'secret', valeur = null, borne_haute = null, borne_basse ="
            " null where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220 (secret)",
            "fct_indicateurs/lisibilite_incoherente",
        ),
        ("masque_sans_motif", "set motif = null where statut = 'secret'", "commune:26063 (secret)"),
        (
            "chiffre_sans_valeur",
            "set valeur = null, borne_basse = null, borne_haute = null where territoire_id ="
            " 'commune:26220' and indicateur_id = 'mediane_niveau_vie'",
            "commune:26220 (observe)",
            "mart_portrait_social/chiffre_sans_valeur",
        ),
        (
            "bornes_incoherentes",
            "set borne_haute = 1999 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000 hors de [1998 ; 1999]",
        ),
        (
            "bornes_absentes",
            "set borne_haute = null where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000",
            "fct_indicateurs/lisibilite_incoherente",
        ),
        *(
            ("lisibilite_incoherente", f"set {pose} where territoire_id = 'commune:26220' and {lequel}", dit)
            for pose, lequel, dit in (
                # Too wide, of too few, of half its value, a zero that may be two; a point that is one.
                (
                    "borne_haute = 22.5",
                    "indicateur_id = 'part_allocataires_rsa'",
                    "commune:26220 (point)",
                ),
                ("denominateur_haut = 19", "indicateur_id = 'part_allocataires_rsa'", "commune:26220"),
                (
                    "borne_basse = 1, enveloppe_basse = 1",
                    "indicateur_id = 'nb_foyers_allocataires'",
                    "commune:26220",
                ),
                (
                    "lisibilite = 'intervalle', valeur_affichee = 'au plus 2'",
                    "indicateur_id = 'mediane_niveau_vie'",
                    "commune:26220 (intervalle)",
                ),
            )
        ),
        (
            "imprime_infidele",
            "set valeur_affichee = 'entre 12,4 et 12,7 %' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
            "commune:26220 (entre 12,4 et 12,7 %)",
        ),
        (
            "calcul_incoherent",
            "set valeur = 12.6 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'part_allocataires_rsa'",
            "commune:26220 : 12,6 au lieu de 12,5",
        ),
        (
            "part_socle",
            "where territoire_id = 'commune:26220' and indicateur_id = 'population_municipale'",
            "commune:26220",
        ),
        (
            "part_socle",
            "set valeur = null, valeur_affichee = 'nd', numerateur = null, denominateur = null,"
            " borne_basse = null, borne_haute = null, lisibilite = null, statut = 'non_disponible',"
            " motif = 'ligne absente'"
            " where territoire_id = 'commune:26220' and indicateur_id = 'population_municipale'",
            "commune:26220",
        ),
        (
            "part_renseignee",
            "where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "observe=50,00 %, exemples=commune:26220",
        ),
        ("absents", "where territoire_id = 'region:84'", "region:84", "dim_indicateur/silencieux"),
        (
            "hors_tolerance",
            "set valeur = 67162153, borne_basse = 67162153 where territoire_id = 'france:FR' and"
            " indicateur_id = 'population_municipale'",
            "attendu 67162154, observé 67162153",
        ),
        (
            "somme_discordante",
            "set valeur = 2100, enveloppe_basse = 2098, enveloppe_haute = 2104, borne_haute = 2104"
            " where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "epci:200068229 : 3250, communes [3346 ; 3358]",
        ),
    ],
}
# The same, on the wide marts, once pivoted.
LARGES = [
    ("silence", "update marts.mart_petite_enfance set {0}_statut = null where niveau = 'commune'", set()),
    (
        "masque_avec_valeur",
        "update marts.mart_petite_enfance set {0} = 50 where niveau = 'commune'",
        {"ecart_avec_fct"},
    ),
    (
        "chiffre_sans_valeur",
        "update marts.mart_petite_enfance set {0} = null where niveau = 'epci'",
        {"ecart_avec_fct"},
    ),
    ("ecart_avec_fct", "update marts.mart_petite_enfance set {0} = 64.4 where niveau = 'epci'", set()),
    ("absents", "delete from marts.mart_petite_enfance where niveau = 'commune'", set()),
]
# Two communes beside their EPCI, and what the shape needs of the others.
COMPARAISONS = """
create table marts.mart_comparaisons as
select f.territoire_id, f.niveau, f.millesime, f.indicateur_id, d.polarite, f.valeur, f.statut,
    f.lisibilite, e.valeur as valeur_epci, coalesce(e.statut, 'sans_objet') as valeur_epci_statut,
    case when d.methode <> 'somme' then f.valeur - e.valeur end as ecart_epci,
    case when d.methode <> 'somme' and d.polarite <> 'neutre' and f.valeur + e.valeur is not null
        then if((f.valeur > e.valeur) = (d.polarite = 'favorable'), 'favorable', 'defavorable') end
        as ecart_epci_lecture,
    {autres}
    count(f.valeur) over pairs as nb_pairs, null::varchar as rang_motif,
    case when f.valeur is not null then rank() over (pairs order by f.valeur) end as rang,
    rang as rang_au_mieux, rang as rang_au_pire
from marts.fct_indicateurs as f
join marts.dim_indicateur as d using (indicateur_id)
left join marts.fct_indicateurs as e
    on f.niveau = 'commune' and e.niveau = 'epci' and e.millesime = f.millesime
    and e.indicateur_id = f.indicateur_id
window pairs as (partition by f.niveau, f.millesime, f.indicateur_id)
""".format(
    autres=" ".join(
        f"null::double as valeur_{x}, 'sans_objet' as valeur_{x}_statut, null::double as ecart_{x},"
        f" null::varchar as ecart_{x}_lecture,"
        for x in ("departement", "region", "france", "pairs")
    )
)
# One ratio of one EPCI: from secret to 12 %, then to 12.3 % by its numerator alone.
EVOLUTIONS = """
create table marts.mart_evolutions as
select a.territoire_id, a.niveau, a.indicateur_id, 'ratio' as methode, a.millesime as millesime_debut,
    b.millesime as millesime_fin, a.valeur as valeur_debut, a.statut as valeur_debut_statut,
    b.valeur as valeur_fin, b.statut as valeur_fin_statut,
    if(a.valeur is null, 'secret', 'arrondi') as statut, a.motif,
    b.valeur - a.valeur as evolution, 100 * (b.valeur - a.valeur) / a.valeur as evolution_relative,
    100 * (b.numerateur - a.numerateur) / a.denominateur as effet_numerateur,
    if(a.valeur is null, null, 0::double) as effet_denominateur, null::varchar as serie_commune,
    if(a.valeur is null, null, 'point') as lisibilite, null::varchar as evolution_lecture
from marts.fct_indicateurs as a
join marts.fct_indicateurs as b using (territoire_id, indicateur_id)
where b.millesime = a.millesime + 1 and indicateur_id = 'part_allocataires_rsa'
"""
# The last figure of each series, and the one before it where the EPCI has two.
DERNIERS = """
create table marts.mart_derniers_chiffres as
select f.territoire_id, f.niveau, f.indicateur_id, f.millesime, f.valeur, f.valeur_affichee, f.lisibilite,
    f.valeur_texte, f.statut, p.valeur as valeur_precedent,
    coalesce(p.valeur_affichee, 'na') as valeur_precedent_affichee,
    coalesce(p.statut, 'sans_objet') as valeur_precedent_statut, f.valeur - p.valeur as evolution_precedent,
    coalesce(p.statut, 'sans_objet') as evolution_precedent_statut,
    null::double as valeur_base_ctg, null::double as evolution_base_ctg,
    'sans_objet' as evolution_base_ctg_statut
from marts.fct_indicateurs as f
left join marts.fct_indicateurs as p
    on f.territoire_id = p.territoire_id and f.indicateur_id = p.indicateur_id and f.millesime = 2022
        and p.millesime = 2021
qualify row_number() over (partition by f.territoire_id, f.indicateur_id order by f.millesime desc) = 1
"""
# The same in columns, each figure with its year: neither the Drôme nor its région has one.
ACTUEL = f"""{DERNIERS};
create table marts.mart_petite_enfance_actuel as
select t.territoire_id, t.niveau, d.valeur as taux_couverture_petite_enfance,
    coalesce(d.valeur_affichee, 'nd') as taux_couverture_petite_enfance_affichee,
    d.millesime as taux_couverture_petite_enfance_millesime,
    coalesce(d.statut, 'non_disponible') as taux_couverture_petite_enfance_statut
from marts.dim_territoire as t
left join marts.mart_derniers_chiffres as d
    on t.territoire_id = d.territoire_id and d.indicateur_id = 'taux_couverture_petite_enfance';
"""
# A target that is on its way, an axe without one, and the scenario of a schéma.
CONVENTIONS = """
insert into marts.dim_indicateur by name
select 'nb_enfants_moins_3_ans' as indicateur_id, 'petite_enfance' as theme, 'Enfants' as description,
    'enfants' as unite, 'neutre' as polarite, 'somme' as methode, 'enfants_moins_3_ans' as numerateur,
    1 as facteur, 'epci' as niveaux, false as part_d_un_tout, true as disponible;
insert into marts.fct_indicateurs by name
select 'epci:200068229' as territoire_id, 'epci' as niveau, 2021 as millesime,
    'nb_enfants_moins_3_ans' as indicateur_id, 433 as valeur, 433 as borne_basse, 433 as borne_haute,
    'point' as lisibilite, '433' as valeur_affichee, 'observe' as statut, 'source' as source_ids;
create table marts.mart_ctg_suivi as
select 'baronnies' as convention_id, 'epci:200068229' as territoire_id,
    'part_allocataires_rsa' as indicateur_id, 'defavorable' as polarite, 13 as valeur_depart,
    11::double as cible, valeur, millesime, statut as valeur_statut, 'en_retard' as situation,
    null::varchar as motif
from marts.fct_indicateurs
where territoire_id = 'epci:200068229' and indicateur_id = 'part_allocataires_rsa' and millesime = 2022
union all by name
select 'baronnies' as convention_id, 'epci:200068229' as territoire_id, 'non_disponible' as valeur_statut,
    'nd' as situation, 'aucune cible énoncée' as motif;
create table marts.mart_sppe_schema as
select 'baronnies' as convention_id, 'epci:200068229' as territoire_id, 2025 as annee, 2023 as millesime_base,
    2021 as millesime_enfants, 118 as places_maintenues, 9 as places_planifiees,
    12 as places_annoncees_privees, 0 as places_ouvertes, 139 as places_visees,
    64.3 + 100 * 21 / 433 as taux_scenario, 64.3 + 100 * 9 / 433 as taux_scenario_sans_prive,
    'observe' as taux_scenario_statut, 70::double as taux_tendance, 69::double as taux_tendance_borne_basse,
    71::double as taux_tendance_borne_haute, 'arrondi' as taux_tendance_statut, null::varchar as motif
"""
COMPLETES = ";".join([CONVENTIONS, COMPARAISONS, EVOLUTIONS, tendances.CHIFFRES, DERNIERS, tendances.MART])
# The same, once the marts are made: control, SQL, other controls.
PROPRES = {
    "mart_comparaisons": [
        ("ecart_avec_fct", "where territoire_id = 'commune:26220' and millesime = 2019"),
        ("masque_avec_valeur", "set rang_au_mieux = 1 where statut = 'secret' and niveau = 'commune'"),
        (
            "ecart_incoherent",
            "set ecart_epci = 721 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'mediane_niveau_vie'",
        ),
        (
            "ecart_incoherent",
            "set ecart_epci = -1250 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
        ),
        (
            "lecture_incoherente",
            "set ecart_epci_lecture = 'favorable' where territoire_id = 'commune:26220' and"
            " indicateur_id = 'part_allocataires_rsa'",
        ),
        (
            "lecture_incoherente",
            "set polarite = 'neutre' where territoire_id = 'commune:26220' and indicateur_id ="
            " 'mediane_niveau_vie'",
        ),
        (
            "incertain_compare",
            "set lisibilite = 'intervalle' where indicateur_id = 'nb_foyers_allocataires'",
            "mart_comparaisons/ecart_avec_fct",
        ),
        (
            "incertain_compare",
            "set lisibilite = 'trop_peu', rang_au_mieux = null, rang = null, rang_motif = 'trop peu' where"
            " territoire_id = 'commune:26220' and indicateur_id = 'part_allocataires_rsa'",
            "mart_comparaisons/ecart_avec_fct",
        ),
        (
            "rang_hors_pairs",
            "set rang = 3 where territoire_id = 'commune:26220' and indicateur_id = 'part_allocataires_rsa'",
        ),
        (
            "rang_hors_pairs",
            "set rang = null where territoire_id = 'commune:26220' and indicateur_id ="
            " 'part_allocataires_rsa'",
        ),
    ],
    "mart_evolutions": [
        ("bout_infidele", "set valeur_debut_statut = 'observe' where millesime_debut = 2021"),
        ("masque_avec_valeur", "set effet_numerateur = 1 where millesime_debut = 2020"),
        ("masque_avec_valeur", "set statut = 'refusee', motif = 'source' where millesime_debut = 2021"),
        ("refus_sans_motif", "set motif = ' ' where millesime_debut = 2020"),
        (
            "bouts_incomparables",
            "update marts.fct_indicateurs set source_ids = 'autre' where millesime = 2021",
        ),
        (
            "bouts_incomparables",
            "update marts.fct_indicateurs set champ = 'métropole' where millesime = 2021",
        ),
        ("incertaine_lue", "set lisibilite = 'intervalle' where millesime_debut = 2021"),
        ("incertaine_lue", "set lisibilite = 'trop_peu' where millesime_debut = 2021"),
        (
            "evolution_incoherente",
            "set evolution = 1 where millesime_debut = 2021",
            "mart_evolutions/decomposition_inexacte",
        ),
        ("decomposition_inexacte", "set effet_denominateur = 0.1 where millesime_debut = 2021"),
        ("evolution_absente", "where millesime_debut = 2021"),
    ],
    "mart_derniers_chiffres": [
        ("pas_le_dernier", "where territoire_id = 'commune:26220' and indicateur_id = 'mediane_niveau_vie'"),
        (
            "pas_le_dernier",
            "set millesime = 2021, valeur = 12, valeur_affichee = '12.0', evolution_precedent = 0 where"
            " valeur_precedent is not null",
        ),
        ("chiffre_infidele", "set valeur_affichee = '6 701' where valeur = 6700"),
        (
            "masque_avec_valeur",
            "set valeur_precedent_affichee = '12,0 %' where valeur_precedent is null and niveau = 'epci'"
            " and indicateur_id = 'nb_foyers_allocataires'",
        ),
        (
            "masque_avec_valeur",
            "set evolution_precedent_statut = 'refusee' where evolution_precedent is not null",
        ),
        ("evolution_infidele", "set evolution_precedent = 1 where valeur_precedent is not null"),
        ("evolution_infidele", "set evolution_precedent = null where valeur_precedent is not null"),
    ],
    "mart_tendances": tendances.CAS,
    "mart_ctg_suivi": [
        ("valeur_infidele", "set valeur = 12.4 where cible = 11"),
        ("juge_sans_cible", "set valeur_depart = null where cible = 11"),
        ("juge_sans_cible", "set motif = '' where cible is null"),
        ("situation_contraire", "set situation = 'atteinte' where cible = 11"),
        ("situation_contraire", "set polarite = 'neutre', situation = 'atteinte' where cible = 11"),
    ],
    "mart_sppe_schema": [
        ("scenario_inexact", "set taux_scenario_sans_prive = taux_scenario"),
        (
            "scenario_inexact",
            "insert into marts.mart_sppe_schema select * replace (2023 as annee, 64.3 as taux_scenario,"
            " 64.3 as taux_scenario_sans_prive,"
            " 64.3 as taux_tendance_borne_basse, 64.3 as taux_tendance) from marts.mart_sppe_schema",
        ),
        ("scenario_sans_base", "set annee = 2022, taux_scenario = 64.3, taux_scenario_sans_prive = 64.3"),
        ("scenario_sans_base", "set millesime_enfants = 2020"),
        ("tendance_inexacte", "set taux_tendance = 72"),
        ("tendance_inexacte", "set taux_tendance_statut = 'non_disponible'"),
        ("etude_comptee", "set places_visees = 140"),
    ],
}
# The same, on a star that a release came before: control, SQL, text.
MOUVEMENTS = {
    "dim_territoire": [
        ("part_territoires_perdus", "where code = '26220'", "commune:26220"),
    ],
    "fct_indicateurs": [
        ("part_perdue", "where territoire_id = 'commune:26220'", "commune:26220"),
        (
            "part_effacee",
            "set valeur = null, statut = 'non_disponible', motif = 'perdu' where territoire_id ="
            " 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220 (non_disponible)",
        ),
        (
            "part_tue",
            "set valeur = null, statut = 'secret', motif = 'secret' where territoire_id ="
            " 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'",
            "commune:26220",
        ),
        (
            "part_changee",
            "set valeur = 1995 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000 → 1995",
        ),
        (
            "plus_grand_ecart",
            "set valeur = 900 where territoire_id = 'commune:26220' and indicateur_id ="
            " 'nb_foyers_allocataires'",
            "commune:26220 : 2000 → 900",
        ),
        (
            "indicateur_retire",
            "delete from marts.dim_indicateur where indicateur_id = 'mediane_niveau_vie'",
            "indicateur_id=mediane_niveau_vie",
        ),
    ],
}


def controles_de(table: dict[str, list[tuple[str, ...]]]) -> set[tuple[str, str]]:
    return {(nom, controle) for nom, lignes in table.items() for controle, *_ in lignes}


def cas(table: dict[str, list[tuple[str, ...]]]) -> list[Any]:
    """The cases of a table, their SQL whole."""
    debuts = {"set": "update marts.{} ", "where": "delete from marts.{} "}
    return [
        pytest.param(
            nom, controle, debuts.get(sql.split()[0], "").format(nom) + sql, reste, id=f"{nom}-{sql}"[:60]
        )
        for nom, lignes in table.items()
        for controle, sql, *reste in lignes
    ]


@pytest.fixture
def juger(construire, tmp_path):
    """The verdict on the sound build, changed by SQL before the wide marts are made of it, or after."""

    def _juger(avant="", apres="", precedente=None, contexte=CONTEXTE):
        build = construire(avant=avant, apres=apres)
        return valider(build, precedente, tmp_path / "validation", contexte, MASQUEES)

    return _juger


def mart(bilan: Bilan, nom: str) -> BilanMart:
    return next(m for m in bilan.marts if m.mart == nom)


def constat(bilan: Bilan, nom: str, controle: str) -> Constat:
    return next(c for c in mart(bilan, nom).constats if c.controle == controle)


def rouges(bilan: Bilan) -> set[str]:
    return {f"{m.mart}/{c.controle}" for m in bilan.marts for c in m.constats if c.etat == "non_conforme"}


def verifier_rouge(bilan: Bilan, nom: str, controle: str, texte: str) -> None:
    fautif = constat(bilan, nom, controle)
    severite = charger().controles_de(nom)[controle].severite
    assert (fautif.etat, fautif.severite) == ("non_conforme", severite)
    assert texte in fautif.message
    # Information is in the report, and asks for nobody.
    assert (texte in bilan.message) == (severite != "info")
    if severite == "critical":
        assert not bilan.succes


def test_sound_build_keeps_every_promise(juger):
    bilan = juger()
    assert bilan.succes, bilan.message
    assert rouges(bilan) == set()
    assert [m.mart for m in bilan.marts] == [
        "dim_territoire",
        "dim_indicateur",
        "fct_indicateurs",
        "mart_petite_enfance",
        "mart_portrait_social",
    ]
    assert {c.controle for m in bilan.marts for c in m.constats if c.etat == "sans_objet"} == {
        controle for _, controle in controles_de(MOUVEMENTS)
    }


@pytest.mark.parametrize(("nom", "controle", "sql", "reste"), cas(ETOILE))
def test_broken_star_turns_red(juger, nom, controle, sql, reste):
    bilan = juger(sql)
    texte, *autres = reste
    verifier_rouge(bilan, nom, controle, texte)
    assert rouges(bilan) == {f"{nom}/{controle}", *autres}


@pytest.mark.parametrize(("controle", "sql", "autres"), LARGES, ids=lambda v: str(v)[:40])
def test_broken_wide_mart_turns_red(juger, controle, sql, autres):
    bilan = juger(apres=sql.format("taux_couverture_petite_enfance"))
    verifier_rouge(bilan, "mart_petite_enfance", controle, "niveau=")
    assert rouges(bilan) == {f"mart_petite_enfance/{c}" for c in {controle, *autres}}


@pytest.mark.parametrize(("controle", "sql", "autres"), LARGES, ids=lambda v: str(v)[:40])
def test_broken_mart_of_last_figures_turns_red(juger, controle, sql, autres):
    sql = sql.format("taux_couverture_petite_enfance").replace(
        "petite_enfance set", "petite_enfance_actuel set"
    )
    bilan = juger(apres=ACTUEL + sql.replace("petite_enfance where", "petite_enfance_actuel where"))
    verifier_rouge(bilan, "mart_petite_enfance_actuel", controle, "niveau=")
    assert rouges(bilan) == {f"mart_petite_enfance_actuel/{c}" for c in {controle, *autres}}


def test_a_last_figure_of_another_year_turns_red(juger):
    sql = "update marts.mart_petite_enfance_actuel set taux_couverture_petite_enfance_millesime = 2022"
    bilan = juger(apres=f"{ACTUEL} {sql} where territoire_id = 'epci:200068229'")
    verifier_rouge(
        bilan, "mart_petite_enfance_actuel", "ecart_avec_fct", "absente dans mart_derniers_chiffres"
    )
    assert rouges(bilan) == {"mart_petite_enfance_actuel/ecart_avec_fct"}
    assert rouges(juger(apres=ACTUEL)) == set()


def test_a_total_without_all_its_parts_has_a_low_bound_alone(juger):
    au_moins = (
        "update marts.fct_indicateurs set statut = 'partiel', motif = '2 communes absentes',"
        " borne_haute = null, enveloppe_haute = null, lisibilite = 'intervalle',"
        " valeur_affichee = 'au moins 1998'"
        " where territoire_id = 'commune:26220' and indicateur_id = 'nb_foyers_allocataires'"
    )
    assert "fct_indicateurs/bornes_absentes" not in rouges(juger(au_moins))


def test_sound_comparisons_keep_their_promises(juger):
    bilan = juger(apres=COMPLETES)
    assert rouges(bilan) == set()
    assert {(m.mart, c.controle) for m in bilan.marts for c in m.constats if c.etat == "conforme"} >= {
        *controles_de(PROPRES)
    }


@pytest.mark.parametrize(("nom", "controle", "sql", "autres"), cas(PROPRES))
def test_broken_comparison_turns_red(juger, nom, controle, sql, autres):
    bilan = juger(apres=f"{COMPLETES};{sql}")
    verifier_rouge(bilan, nom, controle, "=")
    assert rouges(bilan) == {f"{nom}/{controle}", *autres}


@pytest.mark.parametrize(("nom", "controle", "sql", "reste"), cas(MOUVEMENTS))
def test_movement_turns_red(juger, precedente, nom, controle, sql, reste):
    bilan = juger(sql, precedente=precedente)
    verifier_rouge(bilan, nom, controle, *reste)


def test_unchanged_build_does_not_move(juger, precedente):
    bilan = juger(precedente=precedente)
    assert rouges(bilan) == set()
    assert constat(bilan, "fct_indicateurs", "part_changee").observe == "maximum 0,00 %"


def test_every_control_has_a_negative_test():
    testes = controles_de(ETOILE) | controles_de(PROPRES) | controles_de(MOUVEMENTS)
    testes |= {("mart_*", controle) for controle, *_ in LARGES}
    assert testes == {(nom, c) for nom, controles in charger().controles.items() for c in controles}


@pytest.mark.parametrize(
    ("sql", "dite"),
    [
        ("", True),
        ("update marts.dim_indicateur set numerateur = 'foyers_extrait'", False),
        ("update marts.dim_indicateur set methode = 'evolution'", False),
    ],
)
def test_a_figure_that_is_made_otherwise_is_another_one(juger, precedente, sql, dite):
    """Withdrawn or refused by its new definition, it lost nothing; under the same definition, it did."""
    perdues = "delete from marts.fct_indicateurs where indicateur_id = 'nb_foyers_allocataires';"
    une = f"{sql} where indicateur_id = 'nb_foyers_allocataires'" if sql else ""
    perdue = constat(juger(perdues + une, precedente=precedente), "fct_indicateurs", "part_perdue")
    assert ("nb_foyers_allocataires" in perdue.message) == dite


def test_summary_does_not_depend_on_the_previous_release(construire, precedente, tmp_path):
    build = construire(avant=fct("valeur = 900, borne_basse = 890"))
    valider(build, None, tmp_path / "premiere", CONTEXTE, MASQUEES)
    valider(build, precedente, tmp_path / "suivante", CONTEXTE, MASQUEES)
    premiere, suivante = tmp_path / "premiere", tmp_path / "suivante"
    assert (premiere / "summary.json").read_bytes() == (suivante / "summary.json").read_bytes()
    assert (premiere / "mouvement.json").read_bytes() != (suivante / "mouvement.json").read_bytes()


def test_masked_value_is_never_quoted(juger, precedente, tmp_path):
    """A cell secret today keeps out of the report even the value that leaked or was published before."""
    sql = fct("statut = 'secret', motif = 'secret', valeur = 1987, numerateur = 1987")
    bilan = juger(sql, precedente=precedente)
    assert not bilan.succes, "nothing is quoted where nothing is wrong"
    for fichier in (tmp_path / "validation").iterdir():
        texte = fichier.read_text(encoding="utf-8")
        assert "1987" not in texte
        assert ": 2000" not in texte


def test_total_of_an_absent_source_is_told_not_failed(juger):
    sql = (
        "delete from marts.fct_indicateurs"
        " where indicateur_id = 'taux_couverture_petite_enfance' and niveau = 'france';"
        "insert into marts.dim_disponibilite values"
        " ('taux_couverture_petite_enfance', 'france', 2023, 'non_disponible', 'jamais reçue')"
    )
    bilan = juger(sql)
    totaux = constat(bilan, "fct_indicateurs", "hors_tolerance")
    assert totaux.etat == "conforme"
    assert {
        "indicateur_id": "taux_couverture_petite_enfance",
        "territoire_id": "france:FR",
        "millesime": "2023",
        "non_verifie": "aucune source reçue pour ce millésime à ce niveau",
    } in totaux.non_verifies


def test_a_socle_that_never_came_is_not_judged(juger):
    """No source of it was received: dim_disponibilite says so, and nothing passes for right."""
    sql = (
        "delete from marts.fct_indicateurs where indicateur_id = 'population_municipale';"
        "update marts.dim_indicateur set disponible = false, motif_code = 'source_jamais_recue',"
        " motif = 'source jamais reçue : populations' where indicateur_id = 'population_municipale'"
    )
    bilan = juger(sql)
    assert constat(bilan, "fct_indicateurs", "part_socle").etat == "sans_objet"


def test_demo_totals_are_its_own(juger):
    bilan = juger(contexte=Contexte("demo", "departement:26"))
    (fautif,) = [c for m in bilan.marts for c in m.echecs]
    assert fautif.controle == "hors_tolerance"
    assert "attendu 3230, observé 3250" in fautif.message


@pytest.mark.parametrize(
    ("methode", "juste", "faux"), [("evolution", "-2.5", "97.5"), ("difference", "-50", "50")]
)
def test_change_is_recomputed_from_its_two_ends(juger, methode, juste, faux):
    definition = (
        f"update marts.dim_indicateur set part_d_un_tout = false, methode = '{methode}'"
        " where indicateur_id = 'part_allocataires_rsa';"
        "update marts.fct_indicateurs set numerateur = 1950, denominateur = 2000,"
        " valeur = {0}, borne_basse = {0}, borne_haute = {0} where indicateur_id = 'part_allocataires_rsa'"
    )
    for valeur, etat in ((juste, "conforme"), (faux, "non_conforme")):
        bilan = juger(definition.format(valeur))
        assert constat(bilan, "fct_indicateurs", "calcul_incoherent").etat == etat


@pytest.mark.parametrize("table", ["dim_territoire", "fct_indicateurs", "mart_petite_enfance"])
def test_empty_mart_fails(juger, table):
    bilan = juger(apres=f"delete from marts.{table}")
    assert not bilan.succes
    assert not mart(bilan, table).succes


def test_a_single_year_has_no_evolution_and_is_judged(juger):
    bilan = juger(
        apres="delete from marts.fct_indicateurs where millesime in (2020, 2021)"
        " and indicateur_id = 'part_allocataires_rsa';" + EVOLUTIONS
    )
    juge = mart(bilan, "mart_evolutions")
    assert juge.succes, juge.message
    assert {c.controle for c in juge.constats if c.etat == "conforme"} == {"evolution_absente"}


def test_missing_mart_or_column_fails(juger, tmp_path):
    sql = "drop table marts.mart_petite_enfance; drop table marts.mart_portrait_social;"
    sql += "alter table marts.fct_indicateurs drop column borne_basse"
    bilan = juger(apres=sql)
    assert "no mart_ table" in bilan.message
    assert "borne_basse" in (mart(bilan, "fct_indicateurs").erreur or "")
    assert not json.loads((tmp_path / "validation" / "summary.json").read_text())["succes"]


def test_unreadable_previous_release_is_an_error_not_a_first_publication(construire, tmp_path):
    with pytest.raises(duckdb.IOException, match=r"dim_territoire\.parquet"):
        valider(construire(), tmp_path / "absente", tmp_path / "validation", CONTEXTE, MASQUEES)
