"""Size of a workbook, measured before anybody opens it: the rectangle that each sheet fills, and its errors.

Readers walk through whole rectangles: a file of 5 kB with one cell in XFD1048576 asks for 17 thousand million
cells. A reader then needs 500 GB, or never ends.
"""

from __future__ import annotations

import posixpath
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
_ILLISIBLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError)


class ClasseurIllisible(Exception):
    """The file is not a workbook (XLSX) that can be opened; the message says what was seen."""


@dataclass(frozen=True)
class Feuille:
    """The rectangle from A1 to the last cell that a sheet writes; `membre` names it in the archive.

    `erreur`: row and column of the first cell that holds an error (#REF!, #N/A) in place of a value.
    """

    membre: str
    hauteur: int
    largeur: int
    erreur: tuple[int, int] | None = None

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
                raise ClasseurIllisible("no xl/workbook.xml in it")
            if (octets := sum(m.file_size for m in archive.infolist())) > OCTETS_MAX:
                raise ClasseurIllisible(f"{octets} bytes once inflated, more than {OCTETS_MAX}")
            feuilles = []
            for nom in noms:
                with archive.open(nom) as f:
                    feuilles.append(Feuille(nom, *_etendue(f)))
    except _ILLISIBLE as e:
        raise ClasseurIllisible(str(e) or type(e).__name__) from e
    return max(feuilles, key=lambda f: f.cases)


def premiere_feuille(fichier: Path | IO[bytes]) -> Feuille:
    """Return the sheet of the first tab, which need not be the first member. Raises `ClasseurIllisible`."""
    try:
        with zipfile.ZipFile(fichier) as archive:
            onglets = _attributs(archive, "xl/workbook.xml", "sheet")
            liens = _attributs(archive, "xl/_rels/workbook.xml.rels", "Relationship")
            cible = {lien["Id"]: lien["Target"] for lien in liens}[onglets[0]["id"]]
            membre = posixpath.normpath(posixpath.join("/xl", cible))[1:]
            with archive.open(membre) as f:
                return Feuille(membre, *_etendue(f))
    except (*_ILLISIBLE, LookupError, expat.ExpatError) as e:
        raise ClasseurIllisible(f"a first sheet that is not found: {e}") from e


def _attributs(archive: zipfile.ZipFile, membre: str, element: str) -> list[dict[str, str]]:
    """Return the attributes of each such element of a member, without their namespaces."""
    trouves = []

    def debut(nom: str, attributs: dict[str, str]) -> None:
        if nom.rpartition(" ")[2] == element:
            trouves.append({a.rpartition(" ")[2]: valeur for a, valeur in attributs.items()})

    analyseur = expat.ParserCreate(namespace_separator=" ")
    analyseur.StartElementHandler = debut
    with archive.open(membre) as f:
        analyseur.ParseFile(f)
    return trouves


def _etendue(f: IO[bytes]) -> tuple[int, int, tuple[int, int] | None]:
    """Return (rows, columns) up to the last cell written of a sheet, (0, 0) of another member; its error."""
    hauteur = largeur = rang = colonne = 0
    erreur = None
    racine = True

    def debut(nom: str, attributs: dict[str, str]) -> None:
        nonlocal hauteur, largeur, rang, colonne, erreur, racine
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
            if erreur is None and attributs.get("t") == "e":
                erreur = rang, colonne

    analyseur = expat.ParserCreate(namespace_separator=" ")
    analyseur.StartElementHandler = debut
    # The reader of the workbook judges a member that is no sheet, or a damaged one.
    with suppress(_PasUneFeuille, expat.ExpatError):
        analyseur.ParseFile(f)
    return hauteur, largeur, erreur


class _PasUneFeuille(Exception):
    pass


def _numero(lettres: str) -> int:
    """Number of a column: A is 1, AA is 27."""
    numero = 0
    for lettre in lettres:
        numero = numero * 26 + ord(lettre) - ord("A") + 1
    return numero
