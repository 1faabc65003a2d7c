"""The generic tests flag the rows they must, NULL included, and no other; what is broken has its name."""

import re
from pathlib import Path

import pytest
from banc_dbt import Projet, Sortie

GENERIQUES = Path(__file__).parents[2] / "dbt_project" / "tests" / "generic"
BANC = Path(__file__).parents[1] / "data" / "generiques"

CLE = "key: millesime, code"
VIDE_MILLESIME = "never empty: millesime"
VALEURS = "code is one of a, c"
LIEN = "code exists in autres, column code"
EXPRESSION = "on every row: valeur > 5"


@pytest.fixture(scope="module")
def banc(tmp_path_factory: pytest.TempPathFactory) -> tuple[Projet, Sortie]:
    projet = Projet(BANC, tmp_path_factory.mktemp("generiques") / "banc.duckdb")
    return projet, projet.dbt("build", "--store-failures")


def _signalees(projet: Projet, test: str) -> list[tuple[object, ...]]:
    return projet.requete(f"select * from dbt_test__audit.{test} order by all")


def test_une_cle_repetee_est_signalee_une_fois_cle_vide_comprise(banc: tuple[Projet, Sortie]) -> None:
    assert _signalees(banc[0], "cle_repetee") == [(2, "a", 2), (None, "c", 2)]


def test_chaque_promesse_rompue_est_une_ligne_avec_son_compte(banc: tuple[Projet, Sortie]) -> None:
    assert [(nom, fautes) for nom, fautes, _ in _signalees(banc[0], "tout_est_rompu")] == [
        (LIEN, 1),
        (VALEURS, 2),
        (CLE, 2),
        (VIDE_MILLESIME, 3),
        ("never empty: valeur", 1),
        (EXPRESSION, 2),
    ]


def test_ce_qu_un_modele_declare_est_verifie(banc: tuple[Projet, Sortie]) -> None:
    assert [(nom, fautes) for nom, fautes, _ in _signalees(banc[0], "declarations_rompues")] == [
        (LIEN, 1),
        (CLE, 2),
        ("never empty: valeur", 1),
        (EXPRESSION, 2),
    ]


def test_un_contrat_est_verifie_une_fois_la_table_faite(banc: tuple[Projet, Sortie]) -> None:
    """DuckDB creates no constraint, hence no index: what is broken has its name, and all of its rows."""
    assert [(nom, fautes) for nom, fautes, _ in _signalees(banc[0], "promesses_sous_contrat_")] == [
        ("key: code", 1),
        ("never empty: code", 1),
        (VIDE_MILLESIME, 2),
    ]
    assert not banc[0].requete("from duckdb_constraints() where table_name = 'sous_contrat'")


@pytest.mark.parametrize(
    ("test", "promesse", "fautes", "premieres"),
    [
        (
            "cle_rompue",
            "key: millesime",
            3,
            "{'millesime': 1, 'lignes': 2} ; {'millesime': 2, 'lignes': 2} ; "
            "{'millesime': NULL, 'lignes': 3}",
        ),
        (
            "vide_rompu",
            VIDE_MILLESIME,
            3,
            "{'millesime': NULL, 'cas': 'cle vide, seule'} ; {'millesime': NULL, 'cas': cle vide} ; "
            "{'millesime': NULL, 'cas': cle vide}",
        ),
        ("valeurs_rompues", "code is one of a, b, c", 1, "{'code': d}"),
        ("lien_rompu", LIEN, 1, "d"),
        ("expression_rompue", "on every row: valeur > 5 or cas = 'repetee'", 1, ""),
    ],
)
def test_une_promesse_rompue_seule_est_nommee_avec_ses_premieres_lignes(
    banc: tuple[Projet, Sortie], test: str, promesse: str, fautes: int, premieres: str
) -> None:
    assert _signalees(banc[0], test) == [(promesse, fautes, premieres)]


def test_dbt_dit_les_promesses_rompues_en_finissant(banc: tuple[Projet, Sortie]) -> None:
    for promesse in (CLE, VIDE_MILLESIME, VALEURS, LIEN, EXPRESSION):
        assert f"Broken promise of lignes: {promesse} (" in banc[1].texte
    assert "cle vide" not in banc[1].texte, "rows may be personal data: the log has their number alone"


def test_ce_qui_tient_n_est_pas_signale(banc: tuple[Projet, Sortie]) -> None:
    echecs = {nom.split(".")[0] for nom in banc[1].echecs}
    assert echecs == {
        *("cle_repetee", "tout_est_rompu", "cle_rompue", "vide_rompu"),
        *("valeurs_rompues", "lien_rompu", "expression_rompue"),
        *("declarations_rompues", "promesses_sous_contrat_"),
    }
    assert _signalees(banc[0], "tout_tient") == []


def test_chaque_test_generique_a_son_cas() -> None:
    declares = {
        nom
        for fichier in GENERIQUES.glob("*.sql")
        for nom in re.findall(r"{%-? *test (\w+)", fichier.read_text())
    }
    exerces = set(re.findall(r"- (\w+):(?: {name|\n)", (BANC / "models" / "_lignes.yml").read_text()))
    assert declares and exerces == declares
