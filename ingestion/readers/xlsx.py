"""One sheet of a workbook, as columns of text."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from ingestion.erreurs import ErreurSource, Lieu, combien_de, sans_citation
from ingestion.readers import gz
from ingestion.readers.csv import Colonnes
from socle.classeur import CASES_MAX, ClasseurIllisible, plus_grande_feuille, premiere_feuille

OCTETS_MAX_ANCIEN = 256 * 1024**2
"""Most bytes of a workbook of Excel 97: those under contract have 7 MB."""


def lire(
    chemin: Path,
    feuille: str | None,
    rang_entete: int,
    lieu: Lieu,
    decimale: str = ".",
    *,
    ancien: bool = False,
) -> Colonnes:
    """Return (headers, columns, sheet row of each row) of a sheet, the first unless named; 1-based rows.

    `decimale`: decimal mark of the numbers written as text. `ancien`: a workbook of Excel 97, in gzip or not.
    Wholly empty rows at the end are dropped. Raises `ErreurSource`: `xlsx_illisible`, `trop_de_cases`,
    `feuille_absente`.
    """
    if not ancien:
        _verifier_etendue(chemin, lieu)
    try:
        # By its bytes: a workbook may have any name.
        with BytesIO(_ancien(chemin, lieu)) if ancien else chemin.open("rb") as f:
            classeur = CalamineWorkbook.from_filelike(f)
        feuille = feuille or classeur.sheet_names[0]
        if feuille not in classeur.sheet_names:
            raise lieu.erreur(
                "feuille_absente",
                observe=combien_de(classeur.sheet_names, "sheets", feuille),
                attendu=f"a sheet named {feuille!r}",
                que_faire=f"check that the file is of that millésime, else change `sheet` in {lieu.contrat}",
            )
        cellules = classeur.get_sheet_by_name(feuille).to_python(skip_empty_area=False)
    except CalamineError as e:
        raise _illisible(str(e), lieu) from e
    while cellules and all(c == "" for c in cellules[-1]):
        cellules.pop()
    entete = [_texte(c, decimale) for c in cellules[rang_entete - 1]] if len(cellules) >= rang_entete else []
    rangs = cellules[rang_entete:]
    colonnes = [pa.array([_texte(c, decimale) for c in cs], pa.string()) for cs in zip(*rangs, strict=True)]
    lignes = pa.array(range(rang_entete + 1, rang_entete + 1 + len(rangs)), pa.int32())
    return entete, colonnes or [pa.array([], pa.string()) for _ in entete], lignes


def _ancien(chemin: Path, lieu: Lieu) -> bytes:
    """The bytes of an old workbook, in gzip or not, up to what a reader can hold."""
    try:
        octets = gz.octets(chemin, OCTETS_MAX_ANCIEN)
    except gz.GzipTronque as e:
        raise _illisible(f"a gzip that does not inflate: {e}", lieu) from e
    if len(octets) > OCTETS_MAX_ANCIEN:
        raise _illisible(f"more than {OCTETS_MAX_ANCIEN} bytes", lieu)
    return octets


def _illisible(observe: str, lieu: Lieu) -> ErreurSource:
    return lieu.erreur(
        "xlsx_illisible",
        observe=sans_citation(observe),
        attendu="a workbook",
        que_faire="open the file and save it as XLSX; if it is damaged, fetch it again",
    )


def _verifier_etendue(chemin: Path, lieu: Lieu) -> None:
    try:
        feuille = plus_grande_feuille(chemin)
    except ClasseurIllisible as e:
        raise _illisible(str(e), lieu) from e
    if feuille.cases > CASES_MAX:
        raise lieu.erreur(
            "trop_de_cases",
            observe=f"a sheet of {feuille.hauteur} rows and {feuille.largeur} columns",
            attendu=f"at most {CASES_MAX} cells in the rectangle of a sheet",
            que_faire="look for a stray cell far below or right of the table (Ctrl+End in a spreadsheet), "
            "remove it and save again",
        )


def exiger_sans_erreur(chemin: Path, entete: list[str], lieu: Lieu) -> None:
    """Refuse (`valeur_illisible`) a first sheet with a broken formula, whose cell is read as an empty one."""
    try:
        feuille = premiere_feuille(chemin)
    except ClasseurIllisible as e:
        raise _illisible(str(e), lieu) from e
    if feuille.erreur:
        ligne, colonne = feuille.erreur
        raise lieu.erreur(
            "valeur_illisible",
            colonne=next(iter(entete[colonne - 1 : colonne]), None),
            ligne=ligne,
            observe=f"line {ligne}, column {colonne}: an error of the spreadsheet (#REF!, #N/A…)",
            attendu="a value, or a formula that gives one",
            que_faire="correct the formula, or write the value in its place",
        )


def _texte(cellule: Any, decimale: str) -> str:
    # A workbook stores 200029999 as 200029999.0, and a day as midnight.
    if isinstance(cellule, float):
        return str(int(cellule)) if cellule.is_integer() else _decimal(cellule).replace(".", decimale)
    if isinstance(cellule, datetime) and cellule.time() == time():
        cellule = cellule.date()
    return str(cellule)


def _decimal(nombre: float) -> str:
    """Write a number with the digits that a spreadsheet has, 15, and as many decimals at most, as columns do.

    7.5 - 6.7 is 0.7999999999999998 for a machine; a spreadsheet, and who fills it in, read 0.8.
    """
    return f"{Decimal(f'{nombre:.15g}'):.15f}".rstrip("0").removesuffix(".")
