"""What the pages say of the project is still so, and they are no longer than a reader has time for."""

import csv
import re
from pathlib import Path

import click
import pytest

from orchestration.cli import main
from tests.guides import blocs

RACINE = Path(__file__).resolve().parent.parent
DOCS = RACINE / "docs"
PAGES = [
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "outils").glob("*.md")),
    *(RACINE / nom for nom in ("README.md", "CONTRIBUTING.md", "bi/README.md", "deploy/README.md")),
]
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
"""They name what was there when they were taken; their links lead somewhere all the same."""
ROOMS = (
    "socle|ingestion|demonstration|dbt_project|confidentialite|publication|expectations|orchestration|bi"
    "|spark|tests"
)


def _lire(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    texte = _lire(page)
    nommes = [RACINE / nom for nom in re.findall(rf"`((?:{ROOMS})/[\w./-]*[\w/])`", texte)]
    nommes += [page.parent / lien for lien in re.findall(r"\]\(([\w./-]+)(?:#[\w-]*)?\)", texte)]
    assert [str(nom) for nom in nommes if not nom.exists()] == []


def test_every_picture_is_shown_by_a_page() -> None:
    texte = "".join(map(_lire, PAGES))
    assert [i.name for i in sorted((DOCS / "images").glob("*.png")) if f"images/{i.name})" not in texte] == []


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS], ids=lambda page: page.name)
def test_every_heading_that_a_page_links_to_is_there(page: Path) -> None:
    liens = re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", _lire(page))
    perdus = [
        f"{nom}#{ancre}"
        for nom, ancre in liens
        if ancre not in _ancres(_lire(page.parent / nom if nom else page))
    ]
    assert perdus == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_types_is_there_with_its_options(page: Path) -> None:
    """In a block, or in the middle of a sentence."""
    texte = _lire(page)
    hors_bloc = re.sub(r"^```.*?^```$", "", texte, flags=re.MULTILINE | re.DOTALL)
    dites = re.findall(r"^ctg .*$", texte, re.MULTILINE) + re.findall(r"`(ctg [^`]+)`", hors_bloc)
    assert {dite for dite in dites if not _existe(dite.split(" #")[0].split()[1:])} == set()


def test_every_command_is_on_the_page_of_commands() -> None:
    texte, contexte = _lire(DOCS / "cli.md"), click.Context(main)
    tus = []
    for nom in main.list_commands(contexte):
        commande = main.get_command(contexte, nom)
        sous = commande.list_commands(contexte) if isinstance(commande, click.Group) else [""]
        tus += [f"{nom} {s}" for s in sous if f"ctg {nom} {s}".strip() not in texte and f"`{s}`" not in texte]
    assert tus == []


def _existe(mots: list[str]) -> bool:
    commande: click.Command | None = main
    contexte = click.Context(main)
    while isinstance(commande, click.Group) and mots:
        commande, mots = commande.get_command(contexte, mots[0]), mots[1:]
    options = {o for p in commande.params for o in p.opts} if commande else set()
    return commande is not None and {mot.split("=")[0] for mot in mots if mot.startswith("--")} <= options


def _ancres(texte: str) -> set[str]:
    """Anchors of the headings of a page, as forges make them."""
    titres = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", texte, flags=re.M | re.S), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", titre.lower()).replace(" ", "-") for titre in titres}


@pytest.mark.parametrize(("page", "mots"), [("README.md", 500), ("docs/secret.md", 900)])
def test_a_page_is_read_in_a_few_minutes(page: str, mots: int) -> None:
    assert len(_lire(RACINE / page).split()) <= mots


def test_where_is_a_page_of_six_headings_and_one_path_a_line() -> None:
    texte = _lire(DOCS / "where.md")
    lignes = [ligne for ligne in re.findall(r"^\| (?!to…|---).*\|$", texte, re.MULTILINE)]
    assert len(lignes) <= 56
    assert len(re.findall(r"^## ", texte, re.MULTILINE)) == 6
    assert [ligne for ligne in lignes if len(re.findall(r"`[\w.]+/[^`]*`", ligne)) != 1] == []


def test_every_attack_that_promises_name_is_there() -> None:
    page = _lire(DOCS / "promises.md")
    tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert len(tests) > 10
    absents = [
        f"{fichier}::{nom}"
        for fichier, nom in tests
        if not (RACINE / fichier).exists() or f"def {nom}" not in _lire(RACINE / fichier)
    ]
    modules = re.findall(r"python -m (tests[\w.]+)", page)
    lieux = {m: RACINE / m.replace(".", "/") for m in modules}
    absents += [
        m for m, ou in lieux.items() if not ((ou / "__main__.py").exists() or ou.with_suffix(".py").exists())
    ]
    cibles = _lire(RACINE / "Makefile")
    absents += [c for c in re.findall(r"`make (\w+)`", page) if f"\n{c}:" not in cibles]
    assert absents == []


def test_the_recipe_of_an_indicateur_explains_every_column_with_a_real_line() -> None:
    """The example is a line of the dictionary, and the table tells each of its columns, in order."""
    recette = _lire(DOCS / "how-to.md")
    (exemple,) = [bloc.code for bloc in blocs(recette) if bloc.langue == "csv"]
    with (RACINE / "dbt_project" / "seeds" / "indicateurs.csv").open(encoding="utf-8", newline="") as fichier:
        lignes = fichier.read().splitlines()
    assert exemple in lignes[1:]
    (ligne,) = csv.DictReader([lignes[0], exemple])
    colonnes = re.findall(r"^\| `(\w+)` \| [^|]+ \| ?(.*?) ?\|$", recette, re.MULTILINE)
    assert {nom: valeur.strip("`") for nom, valeur in colonnes} == ligne
    assert [nom for nom, _ in colonnes] == list(ligne)
