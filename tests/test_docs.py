"""What the pages say of the project is still so."""

import re
from pathlib import Path

import pytest

RACINE = Path(__file__).resolve().parent.parent
PAGES = [*sorted((RACINE / "docs").glob("*.md")), RACINE / "README.md", RACINE / "CONTRIBUTING.md"]
ROOMS = (
    "socle|ingestion|demonstration|dbt_project|confidentialite|publication|expectations|orchestration|tests"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    texte = page.read_text(encoding="utf-8")
    nommes = [RACINE / nom for nom in re.findall(rf"`((?:{ROOMS})/[\w./-]*[\w/])`", texte)]
    nommes += [page.parent / lien for lien in re.findall(r"\]\(([\w./-]+)\)", texte)]
    assert [str(nom) for nom in nommes if not nom.exists()] == []
