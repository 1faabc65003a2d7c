"""One sheet of a workbook, as rows of text.

Belongs here: opening the sheet and writing cells as text. Does not belong here: casting.
"""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from ingestion.errors import Lieu


def lire(
    chemin: Path, feuille: str | None, rang_entete: int, lieu: Lieu, decimale: str = "."
) -> tuple[list[str], list[list[str]], list[int]]:
    """Return (header, rows, sheet row of each row) of a sheet, the first unless named; 1-based rows.

    `decimale`: the mark with which numbers are written as text. Wholly empty rows below the last record
    are no record. Raises `ErreurSource`: `xlsx_illisible`, `feuille_absente`.
    """
    try:
        # By its bytes: a workbook may have any name.
        with chemin.open("rb") as f:
            classeur = CalamineWorkbook.from_filelike(f)
        feuille = feuille or classeur.sheet_names[0]
        if feuille not in classeur.sheet_names:
            raise lieu.erreur(
                "feuille_absente",
                observe=f"sheets {', '.join(map(repr, classeur.sheet_names))}",
                attendu=f"a sheet named {feuille!r}",
                que_faire=f"check that the file is of that millésime, else change `sheet` in {lieu.contrat}",
            )
        cellules = classeur.get_sheet_by_name(feuille).to_python(skip_empty_area=False)
    except CalamineError as e:
        raise lieu.erreur(
            "xlsx_illisible",
            observe=str(e),
            attendu="an xlsx workbook",
            que_faire="open the file; if it is damaged, fetch it again",
        ) from e
    rangs = [[_texte(c, decimale) for c in rang] for rang in cellules]
    while rangs and not any(rangs[-1]):
        rangs.pop()
    entete = rangs[rang_entete - 1] if len(rangs) >= rang_entete else []
    return entete, rangs[rang_entete:], list(range(rang_entete + 1, len(rangs) + 1))


def _texte(cellule: Any, decimale: str) -> str:
    # A workbook stores 200029999 as 200029999.0, and a day as midnight.
    if isinstance(cellule, float):
        return str(int(cellule)) if cellule.is_integer() else str(cellule).replace(".", decimale)
    if isinstance(cellule, datetime) and cellule.time() == time():
        cellule = cellule.date()
    return str(cellule)
