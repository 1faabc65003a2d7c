"""A table that a person filled in, CSV or workbook, as rows of text.

Belongs here: what a spreadsheet leaves around and inside cells without anyone meaning it. Does not belong
here: what a column means, and any guess about its values (`ingestion.normalise`).
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from ingestion.errors import Lieu
from ingestion.readers import csv, xlsx, zip


def lire(chemin: Path, lieu: Lieu) -> tuple[list[str], list[list[str]], list[int]]:
    """Return (header, rows, line or sheet row of each row), whichever of the two the bytes are.

    Cells lose the spaces around them and have their accents composed; rows and columns wholly empty at the
    end are no part of the table. Raises `ErreurSource` as the two readers do.
    """
    if zip.est_un_zip(chemin):
        entete, rangs, lignes = xlsx.lire(chemin, None, 1, lieu, decimale=",")
    else:
        entete, rangs, lignes = csv.lire(chemin.read_bytes().rstrip(b"\r\n"), "utf-8", ";", lieu)
    tous = [[unicodedata.normalize("NFC", c).strip() for c in rang] for rang in (entete, *rangs)]
    while len(tous) > 1 and not any(tous[-1]):
        tous.pop()
    largeur = max((i + 1 for rang in tous for i, c in enumerate(rang) if c), default=0)
    entete, *rangs = (rang[:largeur] for rang in tous)
    return entete, rangs, lignes[: len(rangs)]
