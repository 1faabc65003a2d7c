"""A table that a person filled in, CSV or workbook, without the stray spaces and blanks of spreadsheets."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow as pa

from ingestion.erreurs import Lieu
from ingestion.readers import csv, xlsx, zip


def lire(chemin: Path, lieu: Lieu) -> csv.Colonnes:
    """Return (headers, columns, line or sheet row of each row), CSV or workbook as the bytes say.

    Cells lose the spaces around them and have their accents composed; empty trailing rows and columns go.
    Raises `ErreurSource` as the two readers do.
    """
    if zip.est_un_zip(chemin):
        entete, colonnes, lignes = xlsx.lire(chemin, None, 1, lieu, decimale=",")
    else:
        entete, colonnes, lignes = csv.lire(chemin.read_bytes().rstrip(b"\r\n"), "utf-8", ";", lieu)
    entete = [_propre(c) for c in entete]
    textes = [[_propre(c) for c in colonne.to_pylist()] for colonne in colonnes]
    hauteur = max((i + 1 for colonne in textes for i, c in enumerate(colonne) if c), default=0)
    largeur = max((i + 1 for i, c in enumerate(textes) if entete[i] or any(c)), default=0)
    gardees = [pa.array(colonne[:hauteur], pa.string()) for colonne in textes[:largeur]]
    return entete[:largeur], gardees, lignes[:hauteur]


def _propre(cellule: str) -> str:
    return unicodedata.normalize("NFC", cellule).strip()
