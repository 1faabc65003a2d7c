"""How a release and its figures are quoted, the same in every format."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from publication.lecture.chiffres import Edition

OBSERVATOIRE = "Observatoire des conventions territoriales globales"
INVENTES = "Démonstration : chiffres inventés, à ne pas citer"
"""What stands above figures of the demonstration."""
_IDS = re.compile(r"[a-z0-9_]+")


def sources_dites(
    chiffre: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]], annees: str | None = None
) -> str:
    """Word the sources of a row of `fct_indicateurs`: "Insee, Filosofi 2, 2021, champ métropole".

    `sources`: the rows of `dim_source` by id; a source that is not there is named by its id. Nothing of a
    figure that has no source: its years alone would read as one.
    """
    noms = " ; ".join(
        f"{s['producteur']}, {s['titre']}" if (s := sources.get(source_id)) else source_id
        for source_id in (chiffre["source_ids"] or "").split("+")
        if source_id
    )
    champ = f"champ {chiffre['champ']}" if chiffre["champ"] else None
    return ", ".join(mot for mot in (noms, annees, champ) if mot) if noms else ""


def sources_citees(indicateur: Mapping[str, Any]) -> list[str]:
    """List the sources that the dictionary names for an indicateur: `a > b + c`."""
    return list(dict.fromkeys(_IDS.findall(indicateur["sources"] or "")))


def citation(release_id: str, jour: str | None = None) -> str:
    """Return the sentence that says how to quote a figure of a release; `jour`: its day, as it is printed."""
    publication = f"{release_id} du {jour}" if jour else release_id
    return (
        f"Observatoire CTG, publication {publication} : citer l'indicateur, le territoire, le millésime et la"
        " publication."
    )


def reference(indicateur_id: str, territoire_id: str, millesime: int) -> str:
    """Name a figure: `nb_eaje|epci:200068229|2022`. The scan of a release compares what is printed by it."""
    return f"{indicateur_id}|{territoire_id}|{millesime}"


def lire_reference(texte: str) -> tuple[str, str, int]:
    """Return the indicateur, the territory and the millésime that a reference names."""
    indicateur_id, territoire_id, millesime = texte.split("|")
    return indicateur_id, territoire_id, int(millesime)


def citer(
    edition: Edition,
    *,
    quoi: str,
    ou: str,
    combien: str,
    precisions: Sequence[str],
    source: str,
    demonstration: bool,
) -> str:
    """Quote one figure in a sentence that stands alone: what, where, how much, how sure, from whom.

    `Eaje (nb_eaje ; univers : Structures), Nyons (commune:26220), 2022 : 3 structures (observé). Source :
    Caf, …, 2022. Observatoire CTG, publication … du 26 novembre 2026.`
    """
    dite = f" Source : {source}." if source else ""
    fin = ", chiffre de démonstration" if demonstration else ""
    return (
        f"{quoi}, {ou} : {combien} ({', '.join(precisions)}).{dite}"
        f" Observatoire CTG, publication {edition.release_id} du {edition.publiee_le}{fin}."
    )
