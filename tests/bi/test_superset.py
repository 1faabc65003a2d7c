"""The dashboard in a real Superset on a real PostgreSQL, asked as a page asks, while nights publish."""

import json
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import psycopg
import pytest
from commande import Observatoire

from bi.postgres import DOSSIERS
from bi.superset import paquet, serveur, tableau
from bi.superset.acces import Superset
from tests import programmes

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("superset")]

PYTHON = Path(__file__).resolve().parents[2] / ".venv-bi" / "bin" / "python"
CTG = "ctg:baronnies-2025"
TAUX = "taux_couverture_petite_enfance"


@pytest.fixture(scope="module")
def observatoire(demonstration: Observatoire) -> Iterator[Observatoire]:
    """A copy of the demonstration, where the account of PostgreSQL can go, unlike in pytest's own folders."""
    programmes.trouver(programmes.INITDB, "postgresql", DOSSIERS)
    if not PYTHON.exists():
        pytest.skip("Superset's environment is not here (make bi makes it)")
    with tempfile.TemporaryDirectory(prefix="ctg-bi-") as nom:
        dossier = Path(nom)
        dossier.chmod(0o711)
        yield demonstration.copie(dossier)


@pytest.fixture(scope="module")
def place(observatoire: Observatoire) -> serveur.Place:
    return serveur.Place(observatoire.home, PYTHON)


@pytest.fixture(scope="module")
def adresses(place: serveur.Place) -> Iterator[serveur.Adresses]:
    with pytest.MonkeyPatch.context() as env:
        env.setenv("CTG_BI_PORT", str(serveur.port_libre()))
        with serveur.en_marche(place, print) as adresses:
            yield adresses


@pytest.fixture(scope="module")
def page(adresses: serveur.Adresses) -> "Page":
    return Page(Superset(adresses.superset, adresses.compte, adresses.mot_de_passe))


class Page:
    """The charts of the dashboard, asked under what is chosen on the page."""

    def __init__(self, session: Superset) -> None:
        self._session = session
        self._charts = session.graphiques()

    def demander(self, graphique: tableau.Graphique, choix: dict[str, str]) -> list[dict[str, Any]]:
        requete = self._charts[paquet.identifiant("chart", graphique.nom)]
        return self._session.donnees(requete, {c: choix[c] for c in graphique.filtres})

    def tout(self, choix: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
        return {g.nom: self.demander(g, choix) for g in tableau.graphiques()}


def nom_de(observatoire: Observatoire, territoire_id: str) -> str:
    ((nom,),) = observatoire.requete(
        f"select territoire from ({paquet.requetes()['suivi_territoires']}) where territoire_id = ?",
        territoire_id,
    )
    return str(nom)


def libelle_de(observatoire: Observatoire, indicateur: str) -> str:
    ((libelle,),) = observatoire.requete(
        "select libelle from dim_indicateur where indicateur_id = ?", indicateur
    )
    return str(libelle)


@pytest.fixture(scope="module")
def dit(observatoire: Observatoire, page: Page) -> dict[str, list[dict[str, Any]]]:
    """What each chart says of a CTG and of the first indicateur."""
    territoire, indicateur = nom_de(observatoire, CTG), libelle_de(observatoire, tableau.INDICATEUR)
    return page.tout({"territoire": territoire, "indicateur": indicateur})


def test_key_figures_are_those_of_the_release(
    observatoire: Observatoire, dit: dict[str, list[dict[str, Any]]]
) -> None:
    assert [nom for nom, lignes in dit.items() if not lignes] == []

    ((release,),) = observatoire.requete("select release_id from dim_release")
    assert [ligne["release_id"] for ligne in dit["publication"]] == [release]

    derniers = {
        r[0]: r[1:]
        for r in observatoire.requete(
            "select d.indicateur_libelle, millesime, d.valeur_affichee, valeur_departement_affichee,"
            " valeur_region_affichee, valeur_france_affichee, millesime_debut,"
            " coalesce(evolution_affichee, '')"
            " from mart_derniers_chiffres as d left join mart_evolutions_dites as e"
            " on e.territoire_id = d.territoire_id and e.indicateur_id = d.indicateur_id and e.choisie"
            " where d.territoire_id = ?",
            CTG,
        )
    }
    colonnes = (
        *("millesime", "valeur_affichee", "valeur_departement_affichee"),
        *("valeur_region_affichee", "valeur_france_affichee"),
        *("millesime_debut", "evolution_affichee"),
    )
    assert len(dit["chiffres"]) > 40
    for ligne in dit["chiffres"]:
        assert tuple(ligne[c] for c in colonnes) == derniers[ligne["indicateur"]]


def test_cards_are_the_last_points_of_the_release(
    observatoire: Observatoire, dit: dict[str, list[dict[str, Any]]]
) -> None:
    for indicateur in tableau.EN_TETE:
        ((annee, valeur),) = observatoire.requete(
            "select millesime, valeur from fct_indicateurs where territoire_id = ? and indicateur_id = ?"
            " and lisibilite = 'point' order by 1 desc limit 1",
            CTG,
            indicateur,
        )
        points = {_annee(v["annee"]): v["Valeur"] for v in dit[f"vignette_{indicateur}"] if v["Valeur"]}
        assert (max(points), points[max(points)]) == (annee, pytest.approx(valeur))


def test_series_and_neighbours_are_those_of_the_release(
    observatoire: Observatoire, dit: dict[str, list[dict[str, Any]]]
) -> None:
    indicateur = tableau.INDICATEUR
    serie = "select millesime, valeur, valeur_affichee from fct_indicateurs where territoire_id = ? and"
    serie += " indicateur_id = ? order by 1 desc"
    publiee = observatoire.requete(serie, CTG, indicateur)
    assert [(v["millesime"], v["valeur_affichee"]) for v in dit["valeurs"]] == [(a, t) for a, _, t in publiee]
    points = {(p["serie"].split(" dès ")[0], _annee(p["annee"])): p["Valeur"] for p in dit["serie"]}
    noms = {CTG: "Ce territoire", "departement:26": "Département", "france:FR": "France"}
    attendus = {
        (nom, annee): valeur
        for territoire, nom in noms.items()
        for annee, valeur, _ in observatoire.requete(serie, territoire, indicateur)
    }
    assert points == pytest.approx(attendus, nan_ok=True)
    ((ruptures,),) = observatoire.requete(
        "select count(*) from ruptures_series where niveau = 'ctg' and coalesce(territoire_id, $1) = $1"
        " and coalesce(indicateur_id, $2) = $2",
        CTG,
        indicateur,
    )
    assert len(dit["ruptures"]) == ruptures > 0

    communes = dict(
        observatoire.requete(
            "select d.libelle, d.valeur_affichee from ctg_communes k join mart_derniers_chiffres d"
            " on d.territoire_id = k.commune_id where k.territoire_id = ? and d.indicateur_id = ?",
            CTG,
            indicateur,
        )
    )
    assert {v["commune"]: v["valeur_affichee"] for v in dit["communes"]} == communes
    survols = [json.loads(v["contour"])["extraProps"] for v in dit["carte"]]
    assert {v["Commune"]: v["Valeur"] for v in survols} == communes
    ((chez_lui,),) = observatoire.requete(
        "select valeur from fct_indicateurs where territoire_id = 'epci:200068229' and indicateur_id = ?"
        " order by millesime desc limit 1",
        indicateur,
    )
    assert [v["Valeur"] for v in dit["classement"] if v["lequel"] == "Ce territoire"] == [chez_lui]


def test_the_convention_and_its_plan_are_those_of_the_release(
    observatoire: Observatoire, dit: dict[str, list[dict[str, Any]]]
) -> None:
    convention = CTG.removeprefix("ctg:")
    for nom, table in (
        ("plan", "mart_ctg_suivi"),
        ("orientations", "ctg_orientations"),
        ("missions", "ctg_missions_sppe"),
        ("convention", "ctg_conventions"),
    ):
        ((nombre,),) = observatoire.requete(
            f"select count(*) from {table} where convention_id = ?", convention
        )
        assert len(dit[nom]) == nombre > 0, nom
    schema = observatoire.requete(
        "select annee, places_maintenues, places_planifiees, places_annoncees_privees, places_visees,"
        " taux_scenario from mart_sppe_schema where convention_id = ? and millesime_base ="
        " (select max(millesime_base) from mart_sppe_schema) order by 1",
        convention,
    )
    assert [
        tuple(
            v[c]
            for c in (
                *("annee", "places_maintenues", "places_planifiees", "places_annoncees_privees"),
                *("places_visees", "taux_scenario"),
            )
        )
        for v in dit["schema"]
    ] == schema
    assert [
        (v["annee"], v["Maintenues"], v["Planifiées"], v["Privées annoncées"]) for v in dit["places"]
    ] == [ligne[:4] for ligne in schema]


def test_no_choice_on_the_page_is_an_error(observatoire: Observatoire, page: Page) -> None:
    """Every CTG and EPCI, the wider territories, some communes; indicateurs that they have or not."""
    territoires = observatoire.requete(
        f"select territoire from ({paquet.requetes()['suivi_territoires']})"
        " where niveau <> 'commune' or territoire_id in ('commune:26220', 'commune:26001')"
    )
    assert len(territoires) > 10
    indicateurs = [libelle_de(observatoire, i) for i in (TAUX, "mediane_niveau_vie", tableau.INDICATEUR)]
    for (territoire,), indicateur in zip(territoires, cycle(indicateurs), strict=False):
        page.tout({"territoire": territoire, "indicateur": indicateur})


def test_superset_may_read_and_nothing_else(place: serveur.Place, adresses: serveur.Adresses) -> None:
    reglages = _lus(place)
    lecture = serveur.dsn(reglages, "superset_lecture")
    with psycopg.connect(lecture, password=reglages["roles"]["superset_lecture"], autocommit=True) as con:
        assert con.execute("select count(*) from marts.fct_indicateurs").fetchone() != (0,)
        con.execute("set default_transaction_read_only = off")
        for interdit in (
            "delete from marts.fct_indicateurs",
            "create table marts.a (b int)",
            "create schema s",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                con.execute(interdit)
    autre = serveur.dsn(reglages, "superset_lecture", "superset")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(autre, password=reglages["roles"]["superset_lecture"])
    assert place.dossier.stat().st_mode & 0o077 == 0
    assert place.reglages.stat().st_mode & 0o077 == 0


def _lus(place: serveur.Place) -> dict[str, Any]:
    return dict(json.loads(place.reglages.read_bytes()))


def _annee(instant: float) -> int:
    return time.gmtime(instant / 1000).tm_year
