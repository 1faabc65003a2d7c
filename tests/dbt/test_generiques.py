"""The generic tests of the project flag the rows they must, NULL included, and no other."""

import re
from pathlib import Path

import pytest
from banc_dbt import Projet, Sortie

GENERIQUES = Path(__file__).parents[2] / "dbt_project" / "tests" / "generic"
BANC = Path(__file__).parents[1] / "data" / "generiques"


@pytest.fixture(scope="module")
def banc(tmp_path_factory: pytest.TempPathFactory) -> tuple[Projet, Sortie]:
    projet = Projet(BANC, tmp_path_factory.mktemp("generiques") / "banc.duckdb")
    return projet, projet.dbt("build", "--store-failures")


def _signalees(projet: Projet, test: str) -> list[tuple[object, ...]]:
    return projet.requete(f"select * from main_dbt_test__audit.{test} order by all")


def test_une_cle_repetee_est_signalee_une_fois_cle_vide_comprise(banc: tuple[Projet, Sortie]) -> None:
    assert _signalees(banc[0], "cle_repetee") == [(2, "a", 2), (None, "c", 2)]


def test_une_ligne_ou_l_une_des_colonnes_est_vide_est_signalee(banc: tuple[Projet, Sortie]) -> None:
    assert _signalees(banc[0], "colonne_vide") == [("c", None, 10), ("c", None, None), ("d", None, 10)]


def test_une_expression_fausse_ou_vide_est_signalee(banc: tuple[Projet, Sortie]) -> None:
    assert _signalees(banc[0], "expression_fausse_ou_vide") == [
        ("cle vide", None, "c", None),
        ("repetee", 2, "a", 0),
    ]


def test_ce_qui_tient_n_est_pas_signale(banc: tuple[Projet, Sortie]) -> None:
    echecs = {nom.split(".")[0] for nom in banc[1].echecs}
    assert echecs == {"cle_repetee", "colonne_vide", "expression_fausse_ou_vide"}
    assert len(banc[1].resultats) == 7


def test_chaque_test_generique_a_son_cas() -> None:
    declares = {
        nom
        for fichier in GENERIQUES.glob("*.sql")
        for nom in re.findall(r"{%-? *test (\w+)", fichier.read_text())
    }
    exerces = set(re.findall(r"- (\w+): \{name", (BANC / "models" / "_lignes.yml").read_text()))
    assert declares and exerces == declares
