"""The pages of `docs/`, as tests read them: blocks of code, and what is written under each."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
GUIDE = (DOCS / "lire-une-publication.md").read_text(encoding="utf-8")
OUTILS = tuple(sorted((DOCS / "outils").glob("*.md")))
DESSOUS = re.compile(r"\s*(?:```text\n(.*?)\n```|((?:\|[^\n]*\n)+))", re.DOTALL)
NON_ESSAYE = "Non essayé ici"
"""How a page says, in the paragraph above a block, that nothing has run it."""


@dataclass(frozen=True)
class Question:
    """One of the ten questions of the guide, and its answer with each tool."""

    titre: str
    sql: str
    excel: str
    python: str
    r: str


@dataclass(frozen=True)
class Bloc:
    """A block of code of a page. `dessous`: the block of text or the table that follows it, "" for none."""

    langue: str
    code: str
    essaye: bool
    dessous: str


def questions() -> list[Question]:
    lues = []
    for titre, corps in re.findall(r"^### (\d+\..*?)\n(.*?)(?=^##)", GUIDE, re.MULTILINE | re.DOTALL):
        codes = {bloc.langue: bloc.code for bloc in blocs(corps)}
        (excel,) = re.findall(r"^Excel : .*?(?=\n\n)", corps, re.MULTILINE | re.DOTALL)
        lues.append(Question(titre, codes["sql"], excel, codes["python"], codes["r"]))
    return lues


def blocs(texte: str) -> list[Bloc]:
    """Cut a page, of any of ours; what stands under a block is in a block ```text, or a table."""
    trouves = []
    for bloc in re.finditer(r"^```(\w[\w ]*)\n(.*?)\n```$", texte, re.MULTILINE | re.DOTALL):
        if bloc[1] == "text":
            continue
        dessus = texte[: bloc.start()].rstrip().rpartition("\n\n")[2]
        suite = DESSOUS.match(texte, bloc.end())
        dessous = (suite[1] or suite[2]) if suite else ""
        trouves.append(Bloc(bloc[1], bloc[2], NON_ESSAYE not in dessus, dessous))
    return trouves


def tableau(texte: str) -> list[list[str]]:
    """Cut a table into its cells, titles first, without the line under them."""
    lignes = [[case.strip() for case in ligne.strip("| ").split("|")] for ligne in texte.strip().splitlines()]
    return [lignes[0], *lignes[2:]]
