"""What the pages say of the project is still so."""

import csv
import re
from pathlib import Path

import pytest

from tests.guides import blocs

RACINE = Path(__file__).resolve().parent.parent
PAGES = [
    *sorted((RACINE / "docs").glob("*.md")),
    *sorted((RACINE / "docs" / "outils").glob("*.md")),
    RACINE / "README.md",
    RACINE / "CONTRIBUTING.md",
    RACINE / "bi" / "README.md",
]
ROOMS = (
    "socle|ingestion|demonstration|dbt_project|confidentialite|publication|expectations|orchestration|bi"
    "|tests"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    texte = page.read_text(encoding="utf-8")
    nommes = [RACINE / nom for nom in re.findall(rf"`((?:{ROOMS})/[\w./-]*[\w/])`", texte)]
    nommes += [page.parent / lien for lien in re.findall(r"\]\(([\w./-]+)\)", texte)]
    assert [str(nom) for nom in nommes if not nom.exists()] == []


def test_every_attack_that_promises_name_is_there() -> None:
    page = (RACINE / "docs" / "promises.md").read_text(encoding="utf-8")
    tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert len(tests) > 15
    absents = [
        f"{fichier}::{nom}"
        for fichier, nom in tests
        if not (RACINE / fichier).exists()
        or f"def {nom}" not in (RACINE / fichier).read_text(encoding="utf-8")
    ]
    modules = re.findall(r"python -m (tests[\w.]+)", page)
    absents += [m for m in modules if not any((RACINE / m.replace(".", "/")).glob("__main__.py"))]
    cibles = (RACINE / "Makefile").read_text(encoding="utf-8")
    absents += [c for c in re.findall(r"`make (\w+)`", page) if f"\n{c}:" not in cibles]
    assert absents == []


def test_the_recipe_of_an_indicateur_explains_every_column_with_a_real_line() -> None:
    """The example is a line of the dictionary, and the table tells each of its columns, in order."""
    recette = (RACINE / "docs" / "how-to.md").read_text(encoding="utf-8")
    (exemple,) = [bloc.code for bloc in blocs(recette) if bloc.langue == "csv"]
    with (RACINE / "dbt_project" / "seeds" / "indicateurs.csv").open(encoding="utf-8", newline="") as fichier:
        lignes = fichier.read().splitlines()
    assert exemple in lignes[1:]
    (ligne,) = csv.DictReader([lignes[0], exemple])
    colonnes = re.findall(r"^\| `(\w+)` \| [^|]+ \| ?(.*?) ?\|$", recette, re.MULTILINE)
    assert {nom: valeur.strip("`") for nom, valeur in colonnes} == ligne
    assert [nom for nom, _ in colonnes] == list(ligne)
