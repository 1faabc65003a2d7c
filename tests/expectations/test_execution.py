"""The runner itself: a suite that is empty, too large or in error has failed; nothing is quietly skipped."""

import subprocess
import sys

import duckdb
import pytest

from expectations import runner
from expectations.bilan import BilanMart
from expectations.juges import ETOILE, est_juge
from expectations.seuils import charger
from expectations.suites.commun import Attente, Lot, comptes
from orchestration.racine import RACINE

ABSENTS = Attente("absents", "absents")


def juger(*lots: Lot, plafond: int = 100) -> BilanMart:
    seuils = charger()
    petit = seuils.plafond_lignes.model_copy(update={"valeur": plafond})
    (bilan,) = runner.juger(
        duckdb.connect(),
        {"fct_indicateurs": list(lots)},
        seuils.model_copy(update={"plafond_lignes": petit}),
        preparer=lambda con: None,
    )
    return bilan


def test_suite_without_an_expectation_fails():
    bilan = juger(Lot("vide", ("k",), "select 1 as k", ()))
    assert not bilan.succes
    assert not bilan.constats


def test_suite_that_judges_nothing_fails():
    bilan = juger(Lot("rien", ("k",), "select 1 as k, null::integer as absents", (ABSENTS,)))
    assert [c.etat for c in bilan.constats] == ["sans_objet"]
    assert not bilan.succes


def test_expectation_in_error_fails():
    bilan = juger(Lot("faux", ("k",), "select 1 as k", (Attente("absents", "colonne_absente"),)))
    assert not bilan.succes
    assert "absents in error" in (bilan.erreur or "")
    assert "colonne_absente" in bilan.message


def test_expectation_without_its_line_says_where_it_goes():
    bilan = juger(Lot("neuf", ("k",), "select 1 as k, 0 as ancien", (Attente("trop_ancien", "ancien"),)))
    assert not bilan.succes
    assert "trop_ancien: no line in expectations/seuils.yml" in bilan.message


def test_one_bad_expectation_fails_the_whole_suite():
    bilan = juger(
        Lot("bon", ("k",), "select 1 as k, 0 as absents", (ABSENTS, Attente("hors_plage", "inconnue")))
    )
    assert not bilan.succes


@pytest.mark.parametrize(("lignes", "succes"), [(100, True), (101, False)])
def test_row_cap(lignes, succes):
    bilan = juger(Lot("grand", ("k",), f"select k, 0 as absents from range({lignes}) as t(k)", (ABSENTS,)))
    assert bilan.succes is succes
    assert succes or "more than 100 rows" in bilan.message


def test_lot_that_may_be_empty_says_why():
    bilan = juger(
        Lot("plein", ("k",), "select 1 as k, 0 as absents", (ABSENTS,)),
        Lot(
            "creux", ("k",), "select 1 as k where false", (Attente("part_perdue", "part_perdue"),), "première"
        ),
    )
    assert bilan.succes
    assert [(c.controle, c.etat, c.observe) for c in bilan.constats][1:] == [
        ("part_perdue", "sans_objet", "première")
    ]


def test_rows_of_another_lot_do_not_leak_into_a_control():
    """The lots of a mart share one frame: counts and failing rows stay those of the control's own lot."""
    bilan = juger(
        Lot("a", ("k",), "select 'x' as k, 0 as absents from range(3)", (ABSENTS,)),
        Lot(
            "b",
            ("j",),
            "select 'y' as j, 2 as hors_plage, 'commune:26220' as hors_plage_exemples",
            (Attente("hors_plage", "hors_plage"),),
        ),
    )
    absents, hors_plage = bilan.constats
    assert (absents.etat, absents.examines) == ("conforme", 3)
    assert (hors_plage.examines, hors_plage.anomalies) == (1, 1)
    assert hors_plage.premieres == [{"j": "y", "observe": "2", "exemples": "commune:26220"}]


GROUPES = "from (values ('a', 40, 7, 0.5), ('b', 10, 0, 0.99)) t(k, lignes, absents, part_socle)"


def test_what_is_examined_and_what_is_wrong_are_of_one_kind():
    """Rows of the mart for what counts rows; groups, and said so, for what is measured on a group."""
    lot = Lot("profil", ("k",), GROUPES, (*comptes(["absents"]), Attente("part_socle", "part_socle")))
    absents, part = juger(lot).constats
    assert (absents.anomalies, absents.examines, absents.unite, absents.groupes) == (7, 50, "lignes", 1)
    assert absents.observe == "7 anomalies"
    assert "failed on 7 of 50 rows of lot 'profil'" in absents.message
    assert "First failures (1 of 1)" in absents.message
    assert (part.anomalies, part.examines, part.unite, part.groupes) == (1, 2, "groupes", 1)
    assert "failed on 1 of 2 groups of rows" in part.message


def test_a_mart_that_is_empty_is_judged_all_the_same():
    """One group of no row: nothing to be wrong about, and the suite has said so."""
    bilan = juger(
        Lot("profil", ("k",), "select 'aucune' as k, 0 as lignes, 0 as absents", comptes(["absents"]))
    )
    assert [(c.etat, c.examines) for c in bilan.constats] == [("conforme", 0)]
    assert bilan.succes


def test_marts_judged_together_keep_their_own_verdicts():
    """Wide marts share a frame: each failing row goes back to its mart, and one in error fails alone."""

    def large(requete: str) -> list[Lot]:
        return [
            Lot("profil", ("k",), requete, (Attente("silence", "silence"),)),
            Lot("territoires", ("niveau",), "select 'epci' as niveau, 0 as absents", (ABSENTS,)),
        ]

    bilans = runner.juger(
        duckdb.connect(),
        {
            "mart_a": large("select 'a' as k, unnest([0, 0]) as silence"),
            "mart_b": large("select 'b' as k, 2 as silence, 'commune:26220' as silence_exemples"),
            "mart_c": large("select nowhere"),
            "mart_d": large("select 'd' as k, 0 as autre"),
        },
        charger(),
        preparer=lambda con: None,
    )
    assert [(b.mart, b.succes) for b in bilans] == [
        ("mart_a", True),
        ("mart_b", False),
        ("mart_c", False),
        ("mart_d", False),
    ]
    assert [(c.controle, c.examines, c.anomalies) for c in bilans[1].constats] == [
        ("silence", 1, 1),
        ("absents", 1, 0),
    ]
    assert bilans[1].echecs[0].premieres == [{"k": "b", "observe": "2", "exemples": "commune:26220"}]
    assert "nowhere" in (bilans[2].erreur or "")
    assert "silence in error" in (bilans[3].erreur or "")


def test_importing_the_room_does_not_load_great_expectations():
    """It costs seconds that every Dagster process would pay."""
    code = "import sys, expectations.runner; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_judged_is_the_star_and_the_marts():
    assert all(map(est_juge, (*ETOILE, "mart_logement", "mart_evolutions")))
    assert not any(map(est_juge, ("dim_unite", "ctg_constats", "lignes_source", "fct_indicateurs_origine")))


def test_a_suite_is_judged_without_the_statistics_of_scipy():
    """They are a third of the import, and are read when somebody asks for them."""
    code = """
import sys
from tests.expectations.test_execution import ABSENTS, Lot, juger

bilan = juger(Lot("lot", ("k",), "select 'a' as k, 0 as absents", (ABSENTS,)))
assert [c.etat for c in bilan.constats] == ["conforme"], bilan.constats
assert "scipy.stats._stats_py" not in sys.modules
from scipy.stats import kendalltau

assert kendalltau([1, 2, 3], [1, 2, 3]).statistic == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=RACINE)
