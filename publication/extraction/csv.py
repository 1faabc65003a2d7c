"""The figures of a territory as the CSV that French Excel opens by double click: BOM, `;`, decimal comma."""

import csv
import io

from publication.extraction import COLONNES, Cellule, Extraction, Nombre
from publication.tableurs import FORMULE


def rendre(extraction: Extraction) -> bytes:
    """Return the file."""
    texte = io.StringIO()
    lignes = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    lignes.writerow(colonne.titre for colonne in COLONNES)
    lignes.writerows([_ecrire(cellule) for cellule in ligne] for ligne in extraction.lignes)
    return texte.getvalue().encode("utf-8-sig")


def _ecrire(cellule: Cellule) -> str:
    """Write a cell; a spreadsheet would work out a text that begins as a formula.

    3250.0  gives  3250        57.25  gives  57,25        =1+1  gives  '=1+1
    """
    match cellule:
        case None:
            return ""
        case Nombre(valeur=None, texte=texte):
            return texte
        case Nombre(valeur=float(valeur)):
            return f"{valeur:.12f}".rstrip("0").rstrip(".").replace(".", ",")
        case str():
            return f"'{cellule}" if cellule.startswith(FORMULE) else cellule
    return str(cellule)
