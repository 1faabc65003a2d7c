"""From the bytes of a document to rows of texts: a CSV of programs, one of French Excel, or a workbook.

A French CSV has decimal commas, spaced thousands, `12,70%`, `31/01/2025`; of a workbook, what each cell
prints is read. Zeros that end a percentage are the spreadsheet's. A code that lost its first zero gets it
back where the level says how long codes are.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO, StringIO
from typing import Any

from socle.classeur import CASES_MAX, ClasseurIllisible, plus_grande_feuille
from socle.erreurs import ErreurPublication


class DocumentIllisible(ErreurPublication):
    """The document is not in the form an audit reads; nothing was judged."""


@dataclass(frozen=True)
class Ouvert:
    """Its records with their first line, headings first; `separateur`: what stands between cells in a CSV."""

    enregistrements: Iterator[tuple[int, list[str]]]
    separateur: str | None

    @property
    def francais(self) -> bool:
        """Whether numbers and dates may be written as French spreadsheets write them."""
        return self.separateur != ","


LONGUEUR_DES_CODES = {"commune": 5, "departement": 2, "region": 2}

_ESPACES = " \u00a0\u202f"
_NOMBRE = re.compile(rf"[-−+]?(?:\d{{1,3}}(?:[{_ESPACES}]\d{{3}})+|\d+)(?:[.,]\d+)?")
_JOUR = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_SEPARATEURS = (",", ";", "\t")
_LITTERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def ouvrir(fichier: str, octets: bytes, colonnes: Sequence[str]) -> Ouvert:
    """Open a document that should have these columns; raise DocumentIllisible when nothing can be read."""
    if octets.startswith(b"PK\x03\x04"):
        return Ouvert(_classeur(fichier, octets, colonnes), None)
    if octets.startswith(b"\xd0\xcf\x11\xe0"):
        raise DocumentIllisible(
            f"{fichier} est un ancien classeur (XLS), ou un classeur XLSX protégé par un mot de passe :"
            " l'enregistrer sans mot de passe en XLSX ou en « CSV UTF-8 »."
        )
    # Not `splitlines`, which cuts at marks that a cell may hold (U+2028, vertical tab).
    lignes = list(StringIO(_decoder(fichier, octets), newline=""))
    separateur = max(
        _SEPARATEURS,
        key=lambda s: len({*next(_lignes(fichier, lignes[:1], s), (1, []))[1]} & {*colonnes}),
    )
    return Ouvert(_lignes(fichier, lignes, separateur), separateur)


def suffixe(unite: str) -> str:
    """Return what may stand after a number of this unit, as a document names it; nothing after most."""
    if "pourcent" in unite or unite == "%":
        return "%"
    return "€" if unite.startswith("EUR") else ""


def normaliser(valeur: str, unite: str) -> str:
    """Write a figure of a French spreadsheet as programs do; what is no figure stays as it is.

    18 464 843 €   EUR        18464843        31/01/2025   date       2025-01-31
    −12,70%        pourcent   -12.7           3 25         personnes  3 25 (no thousands)
    +3,3 %         evolution en pourcent      3.3
    """
    if unite == "date" and (jour := _JOUR.fullmatch(valeur)):
        return f"{jour[3]}-{jour[2]}-{jour[1]}"
    apres = suffixe(unite)
    nombre = valeur.removesuffix(apres).strip(_ESPACES)
    if not _NOMBRE.fullmatch(nombre):
        return valeur
    nombre = re.sub(f"[{_ESPACES}+]", "", nombre).replace(",", ".").replace("−", "-")
    return _sans_zeros(nombre) if apres == "%" and valeur.endswith("%") else nombre


def _sans_zeros(nombre: str) -> str:
    """Leave out the zeros after the point: where one types 12,7 %, Excel prints 12,70%."""
    return nombre.rstrip("0").rstrip(".") if "." in nombre else nombre


def _decoder(fichier: str, octets: bytes) -> str:
    """Decode a CSV: Excel marks UTF-16 and UTF-8, and writes Windows-1252 without a mark."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", "replace")
    for encodage in ("utf-8-sig", "cp1252"):
        try:
            return octets.decode(encodage)
        except UnicodeDecodeError as erreur:
            place = erreur.start
    raise DocumentIllisible(
        f"{fichier} : l'octet {place} n'est ni de l'UTF-8 ni du Windows-1252. Enregistrer le document en"
        " « CSV UTF-8 »."
    )


def _lignes(fichier: str, lignes: Sequence[str], separateur: str) -> Iterator[tuple[int, list[str]]]:
    """Yield records with their first physical line; those without a text are passed over."""
    lecteur = csv.reader(lignes, delimiter=separateur)
    ligne = 1
    try:
        for valeurs in lecteur:
            if any(valeur.strip() for valeur in valeurs):
                yield ligne, [valeur.strip() for valeur in valeurs]
            ligne = lecteur.line_num + 1
    except csv.Error as erreur:
        raise DocumentIllisible(
            f"{fichier}, ligne {ligne} : illisible ({erreur}). Attendu une ligne par chiffre imprimé :"
            " chercher un guillemet qui ne se ferme pas, ou enregistrer de nouveau le document en"
            " « CSV UTF-8 »."
        ) from erreur


# Workbooks --------------------------------------------------------------------------------------------------


def _classeur(fichier: str, octets: bytes, colonnes: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet whose first row has some of the columns, else of the first sheet."""
    # Only a document that is a workbook pays for the library.
    import openpyxl

    try:
        feuille = plus_grande_feuille(BytesIO(octets))
    except ClasseurIllisible as erreur:
        raise _illisible(fichier, erreur) from erreur
    if feuille.cases > CASES_MAX:
        raise DocumentIllisible(
            f"{fichier} : {feuille.hauteur} lignes de {feuille.largeur} colonnes dans {feuille.membre},"
            f" plus de {CASES_MAX} cases. Chercher une case isolée loin sous le tableau ou à sa droite"
            " (Ctrl+Fin), l'effacer et enregistrer de nouveau."
        )
    try:
        livre = openpyxl.load_workbook(BytesIO(octets), data_only=True)
        feuilles = list(livre.worksheets)
    except Exception as erreur:  # openpyxl raises what its parsers do, of every kind
        raise _illisible(fichier, erreur) from erreur
    voulue = next(
        (f for f in feuilles if {str(c.value) for c in next(f.iter_rows(), ())} & {*colonnes}), feuilles[0]
    )
    for ligne, rangee in enumerate(voulue.iter_rows(), 1):
        textes = [_imprimer(cellule.value, cellule.number_format) for cellule in rangee]
        if any(textes):
            yield ligne, textes


def _illisible(fichier: str, erreur: Exception) -> DocumentIllisible:
    return DocumentIllisible(
        f"{fichier} ne se lit pas comme un classeur ({type(erreur).__name__} : {erreur})."
        " L'enregistrer en XLSX ou en « CSV UTF-8 »."
    )


def _imprimer(valeur: Any, format_: str) -> str:
    """Write what a cell prints, a number with a decimal point.

    3250.4  #,##0      3250        0.127  0.00%  12.7       12.7  General  12.7        True   oui
    """
    match valeur:
        case None:
            return ""
        case bool():
            return "oui" if valeur else "non"
        case datetime() | date():
            return valeur.isoformat()[:10]
        case int() | float():
            return _nombre(Decimal(repr(valeur)), _LITTERAL.sub("", format_.split(";")[0]))
    return str(valeur).strip()


def _nombre(exact: Decimal, format_: str) -> str:
    places = re.search(r"[0#][0#,. ]*", format_)
    if "%" in format_:
        exact *= 100
    if places is None or "E" in format_ or "/" in format_:  # General, text, scientific, fraction
        return _sans_zeros(f"{exact:f}")
    # A comma after the last place prints thousands of them.
    milliers = len(places[0].rstrip()) - len(places[0].rstrip().rstrip(","))
    decimales = len(re.sub("[^0#]", "", places[0].partition(".")[2]))
    texte = f"{(exact / 1000**milliers).quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP):f}"
    return _sans_zeros(texte) if "%" in format_ else texte
