"""What `make docs` refuses to write."""

import csv
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration import generated
from orchestration.cli import main


@pytest.fixture
def lignes() -> list[dict[str, str]]:
    """The dictionary as it is."""
    with (generated.SEEDS / "indicateurs.csv").open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def refus(lignes: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `make docs` says of these lines, and that it writes nothing."""
    for seed in generated.SEEDS.glob("*.csv"):
        (tmp_path / seed.name).write_bytes(seed.read_bytes())
    with (tmp_path / "indicateurs.csv").open("w", encoding="utf-8", newline="") as fichier:
        auteur = csv.writer(fichier)
        auteur.writerow(lignes[0])
        auteur.writerows(ligne.values() for ligne in lignes)
    monkeypatch.setattr(generated, "SEEDS", tmp_path)
    monkeypatch.setattr(Path, "write_text", lambda *_, **__: pytest.fail("something was written"))
    resultat = CliRunner().invoke(main, ["docs"], env={"CTG_HOME": str(tmp_path / "home")})
    assert resultat.exit_code == 1
    return resultat.stderr


def test_two_indicateurs_of_one_rank_are_an_error(
    lignes: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name, the rank and the next free one are told; nothing is written."""
    logement = [ligne for ligne in lignes if ligne["theme"] == "logement"]
    logement[1]["ordre"] = logement[0]["ordre"]
    libre = max(int(ligne["ordre"]) for ligne in logement) + 1
    assert (
        f"  theme logement: ordre {logement[0]['ordre']} is that of {logement[0]['indicateur_id']},"
        f" {logement[1]['indicateur_id']}; expected once, the next free one is {libre}\n"
        in refus(lignes, tmp_path, monkeypatch)
    )


@pytest.mark.parametrize(
    ("colonne", "valeur", "dit"),
    [
        ("theme", "logment", "observed 'logment'; expected one of portrait_social, acces_droits,"),
        ("unite", "pourcents", "observed 'pourcents'; expected one of .., the nearest being pourcent"),
        ("univers", "LOGE", "observed 'LOGE'; expected one of"),
        ("numerateur", "logements - logement_vacants", "observed 'logement_vacants'; expected one of"),
        ("denominateur", "logemnts", "observed 'logemnts'; expected one of"),
        ("niveaux", "commune+canton", "observed 'canton'; expected one of commune, epci, ctg, departement,"),
        ("niveaux", "", "observed ''; expected one of commune,"),
        ("sources", "insee_rp_logement", "observed 'insee_rp_logement'; expected nothing, they are those of"),
        ("secret", "frequense", "observed 'frequense'; expected one of aucun, frequence, conjoint,"),
        ("secret", "", "observed ''; expected one of aucun,"),
        ("ordre", "3e", "observed '3e'; expected a whole number"),
    ],
)
def test_a_name_that_nothing_declares_is_an_error(
    colonne: str,
    valeur: str,
    dit: str,
    lignes: list[dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which line, which column, what it says and what it may say."""
    (rang,) = [n for n, li in enumerate(lignes) if li["indicateur_id"] == "part_logements_vacants"]
    lignes[rang][colonne] = valeur
    texte = refus(lignes, tmp_path, monkeypatch)
    (faute,) = [ligne for ligne in texte.splitlines() if ligne.startswith("  line ")]
    assert re.match(rf"  line {rang + 2} \(part_logements_vacants\), {colonne}: {dit}", faute), faute


def test_a_source_that_nothing_declares_is_an_error(
    lignes: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an indicateur that is made of no mesure, and so names its own."""
    (rang,) = [n for n, li in enumerate(lignes) if li["indicateur_id"] == "zonage_frr"]
    lignes[rang]["sources"] = "dgcl_frrr"
    assert f"  line {rang + 2} (zonage_frr), sources: observed 'dgcl_frrr'; expected one of " in refus(
        lignes, tmp_path, monkeypatch
    )


def test_a_comma_that_nobody_quoted_and_a_line_cut_short_are_errors(
    lignes: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lignes[3]["de_trop"] = "x"
    del lignes[5]["secret"]
    texte = refus(lignes, tmp_path, monkeypatch)
    assert texte.count("another number of columns") == 2 and "  line 5 (" in texte and "  line 7 (" in texte


@pytest.mark.parametrize(
    ("colonne", "valeur", "dit"),
    [
        (
            "denominateur",
            "foyers_allocataires",
            r"divides LOG by FA; expected a line LOG,FA,<reason> in \S+/univers_compatibles\.csv",
        ),
        ("unite", "contacts", r"unit contacts has no range; expected one in expectations/seuils\.yml"),
    ],
)
def test_what_a_night_would_stop_on_for_want_of_a_line_elsewhere_is_an_error(
    colonne: str,
    valeur: str,
    dit: str,
    lignes: list[dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (indicateur,) = [ligne for ligne in lignes if ligne["indicateur_id"] == "part_logements_vacants"]
    indicateur[colonne] = valeur
    (faute,) = refus(lignes, tmp_path, monkeypatch).splitlines()[-1:]
    assert re.match(rf"  part_logements_vacants: {dit}", faute), faute
