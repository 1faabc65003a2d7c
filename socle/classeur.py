"""Size of a workbook, measured before anybody opens it: the rectangle that each sheet fills.

Readers walk through whole rectangles: a file of 5 kB with one cell in XFD1048576 asks for 17 thousand million
cells. A reader then needs 500 GB, or never ends.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

CASES_MAX = 20_000_000
"""Most cells of a rectangle, empty ones included: the largest sheet under contract has a million."""
OCTETS_MAX = 2 * 1024**3
"""Most bytes of a workbook, once inflated."""

_REFERENCE = re.compile(r"([A-Z]{1,7})([0-9]{1,9})")


class ClasseurIllisible(Exception):
    """The file is not a workbook (XLSX) that can be opened; the message says what was seen."""


@dataclass(frozen=True)
class Feuille:
    """The rectangle from A1 to the last cell that a sheet writes; `membre` names it in the archive."""

    membre: str
    hauteur: int
    largeur: int

    @property
    def cases(self) -> int:
        """Cells of the rectangle, empty ones included."""
        return self.hauteur * self.largeur

    def __str__(self) -> str:
        """Return what an error says of it."""
        return f"{self.hauteur} rows of {self.largeur} columns in {self.membre}"


def plus_grande_feuille(fichier: Path | IO[bytes]) -> Feuille:
    """Return the sheet of the largest rectangle, from its cells: the size a sheet declares is not believed.

    Raises `ClasseurIllisible`.
    """
    try:
        with zipfile.ZipFile(fichier) as archive:
            if "xl/workbook.xml" not in (noms := archive.namelist()):
                raise ClasseurIllisible(f"no xl/workbook.xml among {', '.join(map(repr, noms[:5]))}")
            if (octets := sum(m.file_size for m in archive.infolist())) > OCTETS_MAX:
                raise ClasseurIllisible(f"{octets} bytes once inflated, more than {OCTETS_MAX}")
            feuilles = []
            for nom in noms:
                with archive.open(nom) as f:
                    feuilles.append(Feuille(nom, *_etendue(f)))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as e:
        raise ClasseurIllisible(str(e) or type(e).__name__) from e
    return max(feuilles, key=lambda f: f.cases)


def _etendue(f: IO[bytes]) -> tuple[int, int]:
    """Return (rows, columns) up to the last cell written of a sheet; (0, 0) of another member."""
    hauteur = largeur = rang = colonne = 0
    racine = True

    def debut(nom: str, attributs: dict[str, str]) -> None:
        nonlocal hauteur, largeur, rang, colonne, racine
        local = nom.rpartition(" ")[2]
        if racine:
            racine = False
            if local != "worksheet":
                raise _PasUneFeuille
        elif local == "row":
            # Without a reference, a row follows the one before, as a cell does.
            rang, colonne = int(attributs.get("r", rang + 1)), 0
        elif local == "c":
            colonne += 1
            if reference := attributs.get("r"):
                if (lue := _REFERENCE.fullmatch(reference)) is None:
                    raise ClasseurIllisible(f"a cell in {reference[:40]!r}")
                colonne, rang = _numero(lue[1]), int(lue[2])
            hauteur, largeur = max(hauteur, rang), max(largeur, colonne)

    analyseur = expat.ParserCreate(namespace_separator=" ")
    analyseur.StartElementHandler = debut
    # What is no sheet, or none that is whole, is for the reader of the workbook to judge.
    with suppress(_PasUneFeuille, expat.ExpatError):
        analyseur.ParseFile(f)
    return hauteur, largeur


class _PasUneFeuille(Exception):
    pass


def _numero(lettres: str) -> int:
    """Number of a column: A is 1, AA is 27."""
    numero = 0
    for lettre in lettres:
        numero = numero * 26 + ord(lettre) - ord("A") + 1
    return numero
