"""Twelve questions to `ctg mcp` by a real client over stdio, and their transcript in docs/mcp.md.

`python -m tests.conversation` writes it again, on the demonstration in service under CTG_HOME.
"""

import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import anyio
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult

PAGE = Path(__file__).resolve().parents[1] / "docs" / "mcp.md"
DEBUT = "<!-- Écrit par `python -m tests.conversation`. -->\n"


class Question(NamedTuple):
    """What a person asks an assistant, and what the assistant asks `ctg mcp`."""

    dite: str
    outil: str
    arguments: dict[str, Any]


RSA, MEDIANE = "part_allocataires_rsa", "mediane_niveau_vie"
QUESTIONS = (
    Question("RSA à Nyons ?", "chercher", {"mots": "rsa à nyons"}),
    Question(
        "Quelle part des allocataires y est au RSA ?", "chiffre", {"indicateur": "rsa", "territoire": "nyons"}
    ),
    Question("Est-ce plus qu'ailleurs ?", "comparer", {"indicateur": RSA, "territoire": "commune:26220"}),
    Question("A-t-elle changé ?", "evoluer", {"indicateur": RSA, "territoire": "commune:26220"}),
    Question(
        "Le niveau de vie des Baronnies a-t-il bougé depuis 2016 ?",
        "evoluer",
        {"indicateur": MEDIANE, "territoire": "epci:200068229", "depuis": 2016},
    ),
    Question(
        "D'où vient le chiffre des Baronnies ?",
        "expliquer",
        {"indicateur": RSA, "territoire": "epci:200068229"},
    ),
    Question("Que veut dire cette part ?", "definition", {"indicateur": "rsa"}),
    Question(
        "Combien de places de crèche dans les Baronnies ?",
        "chiffre",
        {"indicateur": "nb_places_eaje", "territoire": "ctg:baronnies-2025"},
    ),
    Question(
        "Et le niveau de vie à Eygalayes ?", "chiffre", {"indicateur": MEDIANE, "territoire": "eygalayes"}
    ),
    Question(
        "Quelle part des familles monoparentales est à bas revenus à Séderon ?",
        "chiffre",
        {"indicateur": "part_monoparentales_bas_revenus", "territoire": "séderon"},
    ),
    Question(
        "Et de rendez-vous des droits ?",
        "chiffre",
        {"indicateur": "nb_rendez_vous_droits", "territoire": "epci:200068229"},
    ),
    Question("Et la délinquance à Nions ?", "chercher", {"mots": "délinquance à Nions"}),
)


async def converser(ctg: Path, home: Path, dire: Callable[[Client], Awaitable[None]], *options: str) -> None:
    """Start `ctg mcp` on a home, and say something to it."""
    reglages = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith("CTG_")}
    lance = StdioServerParameters(
        command=str(ctg), args=["mcp", *options], env=reglages | {"CTG_HOME": str(home)}
    )
    async with Client(stdio_client(lance)) as client:
        await dire(client)


def texte(reponse: CallToolResult) -> str:
    """What a person would read."""
    (bloc,) = reponse.content
    assert bloc.type == "text"
    return bloc.text


def transcrire(ctg: Path, home: Path) -> str:
    """Ask the questions; what names a release, a day or a file's bytes is told as such."""
    lignes: list[str] = []

    async def demander(client: Client) -> None:
        for rang, question in enumerate(QUESTIONS, 1):
            reponse = await client.call_tool(question.outil, question.arguments)
            appel = f"{question.outil} {json.dumps(question.arguments, ensure_ascii=False)}"
            lignes.extend(
                [f"### {rang}. {question.dite}", "", "```text", f"> {appel}", texte(reponse), "```", ""]
            )

    anyio.run(converser, ctg, home, demander)
    dit = "\n".join(lignes)
    dit = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}( du \d+(?:er)? \w+ \d{4})?", _anonyme, dit)
    dit = re.sub(r"(reçu le )\d{4}-\d\d-\d\d", r"\1<jour>", dit)
    return re.sub(r"sha256 [0-9a-f]{64}", "sha256 <empreinte>", dit)


def _anonyme(trouve: re.Match[str]) -> str:
    return "<publication>" + (" du <jour>" if trouve[1] else "")


def page(transcription: str) -> str:
    """The page, with this transcript in the place of the one it has."""
    return PAGE.read_text(encoding="utf-8").partition(DEBUT)[0] + DEBUT + "\n" + transcription


if __name__ == "__main__":
    PAGE.write_text(page(transcrire(Path(sys.executable).with_name("ctg"), Path(os.environ["CTG_HOME"]))))
