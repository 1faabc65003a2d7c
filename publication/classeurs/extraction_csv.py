"""The figures of a territory as the CSV that French Excel opens by double click: BOM, `;`, decimal comma."""

import csv
import io
import re

from publication.classeurs.extraction import COLONNES, Cellule, Extraction, Nombre
from publication.commun.tableur import en_csv
from socle.affichage import ESPACE_FINE

# A rise as it is printed, whole: `+24`, `+1 250 €`. A text that only begins so may be a formula.
_HAUSSE = re.compile(rf"\+[\d{ESPACE_FINE}]+(,\d+)?({ESPACE_FINE}[%€])?")


def rendre(extraction: Extraction) -> bytes:
    """Return the file."""
    texte = io.StringIO()
    lignes = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    lignes.writerow(colonne.titre for colonne in COLONNES)
    lignes.writerows(
        [
            str(cellule) if colonne.imprimee and _HAUSSE.fullmatch(str(cellule)) else _ecrire(cellule)
            for colonne, cellule in zip(COLONNES, ligne, strict=True)
        ]
        for ligne in extraction.lignes
    )
    return texte.getvalue().encode("utf-8-sig")


def _ecrire(cellule: Cellule) -> str:
    match cellule:
        case Nombre(valeur=None, texte=texte):
            return texte
        case Nombre(valeur=float(valeur)):
            return en_csv(valeur)
        case None | str():
            return en_csv(cellule)
    return str(cellule)
