"""Reading a published document's figures, strictly, one row each: number, precision, years."""

import hashlib
import re
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path

from publication.commun.niveaux import NIVEAUX
from publication.controle_documents.intervalles import Intervalle
from publication.controle_documents.ouverture import LONGUEUR_DES_CODES, DocumentIllisible, normaliser, ouvrir

__all__ = ["COLONNES", "ChiffreAudite", "DocumentAudite", "DocumentIllisible", "lire"]

SANS_ANNEE = "annee_non_precisee"

_PERIODE = re.compile(rf"{SANS_ANNEE}|\d{{4}}(/\d{{4}})?")
_NOMBRE = re.compile(r"-?\d+(\.\d+)?")
_TEXTES = {
    "booleen": (re.compile("oui|non"), "oui or non"),
    "annee": (re.compile(r"\d{4}"), "a year as 2025"),
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "a date as 2025-01-31"),
    "intervalle": (re.compile(r"\d{4}-\d{4}"), "two years as 2025-2029"),
}
# Printed to the unit, an amount or a rate was rounded; a count of persons, places or structures was not.
_MESURE = re.compile("EUR|pourcent|pour_|par_|rapport|heures")
# What a document may leave out: it is then as if these cells were empty.
_FACULTATIVES = ("theme", "numerator_definition", "denominator_definition", "comparator", "notes")
_OBLIGATOIRES = ("indicator_id", "label", "territory_code", "unit", "source")
_MONTREES = 20
_SEPARATEUR = {",": "a comma", ";": "a semicolon", "\t": "a tab", None: "several cells"}


@dataclass(frozen=True)
class ChiffreAudite:
    """One printed figure; fields carry the columns of the document, as text. `ligne`: its first line."""

    ligne: int
    theme: str
    indicator_id: str
    label: str
    territory_level: str
    territory_code: str
    territory_name: str
    period: str
    value: str
    unit: str
    numerator_definition: str
    denominator_definition: str
    source: str
    comparator: str
    notes: str

    @property
    def territoire_id(self) -> str:
        """`niveau:code`."""
        return f"{self.territory_level}:{self.territory_code}"

    @property
    def annees(self) -> tuple[int, int] | None:
        """First and last year it speaks of; None when the document does not say."""
        if self.period == SANS_ANNEE:
            return None
        bornes = [int(annee) for annee in self.period.split("/")]
        return bornes[0], bornes[-1]

    @property
    def manquant(self) -> bool:
        """Announced by the document, without a value."""
        return not self.value

    @property
    def nombre(self) -> Fraction | None:
        """Its value when it is a number; None for a text or a missing value."""
        return Fraction(self.value) if self.value and self.unit not in _TEXTES else None

    @property
    def decimales(self) -> int:
        """Decimals it is printed with."""
        return len(self.value.partition(".")[2])

    @property
    def mesure(self) -> bool:
        """Whether its last digit was rounded (an amount, a rate) rather than counted."""
        return bool(self.decimales or _MESURE.search(self.unit))

    @property
    def intervalle(self) -> Intervalle | None:
        """What it may have been before it was printed; None when it is not a number."""
        if self.nombre is None:
            return None
        if self.mesure:
            return Intervalle.imprime(self.nombre, self.decimales)
        return Intervalle.exact(self.nombre)

    @property
    def imprime(self) -> str:
        """Its value as a French page prints it."""
        return self.value if self.nombre is None else self.value.replace(".", ",")


COLONNES = tuple(champ.name for champ in fields(ChiffreAudite) if champ.name != "ligne")


@dataclass(frozen=True)
class DocumentAudite:
    """The figures of a document in its own order; `document_id` is its source when all rows agree on it."""

    document_id: str
    sha256: str
    chiffres: tuple[ChiffreAudite, ...]

    @property
    def territoires(self) -> list[str]:
        """Its territoire_id, in order of appearance."""
        return list(dict.fromkeys(c.territoire_id for c in self.chiffres))


def lire(fichier: Path) -> DocumentAudite:
    """Read a document. Raises DocumentIllisible with every fault: line, column, observed, expected."""
    octets = fichier.read_bytes()
    ouvert = ouvrir(str(fichier), octets, COLONNES)
    _, entete = next(ouvert.enregistrements, (1, []))
    entete = _sans_fin_vide(entete)
    manquent = [c for c in COLONNES if c not in (*entete, *_FACULTATIVES)]
    en_trop = [c for c in entete if c not in COLONNES or entete.count(c) > 1]
    if manquent or en_trop:
        necessaires = [c for c in COLONNES if c not in _FACULTATIVES]
        raise DocumentIllisible(
            f"{fichier}, line 1: columns missing: {', '.join(manquent) or 'none'}; unknown or repeated:"
            f" {', '.join(en_trop) or 'none'}. Expected {','.join(necessaires)} and, where there is something"
            f" to say, {','.join(_FACULTATIVES)}, in the first sheet of a workbook or separated by commas,"
            " semicolons or tabs: correct the header (docs/verifier-un-document.md), then try again."
        )
    chiffres, fautes = [], []
    for ligne, valeurs in ouvert.enregistrements:
        if len(valeurs) > len(entete):
            # Cells that a spreadsheet keeps empty beyond the last heading.
            valeurs = [*valeurs[: len(entete)], *_sans_fin_vide(valeurs[len(entete) :])]
        if len(valeurs) != len(entete):
            fautes.append(
                f"line {ligne}: observed {len(valeurs)} cells, expected {len(entete)}; put a text that"
                f" holds {_SEPARATEUR[ouvert.separateur]} between double quotes"
            )
            continue
        cellules = dict.fromkeys(_FACULTATIVES, "") | dict(zip(entete, valeurs, strict=True))
        if ouvert.francais:
            cellules["value"] = normaliser(cellules["value"], cellules["unit"])
        code = cellules["territory_code"]
        if code.isdigit():
            cellules["territory_code"] = code.zfill(LONGUEUR_DES_CODES.get(cellules["territory_level"], 0))
        chiffre = ChiffreAudite(ligne=ligne, **cellules)
        fautes += [f"line {ligne}, {faute}" for faute in _fautes(chiffre, ouvert.francais)]
        chiffres.append(chiffre)
    if not (chiffres or fautes):
        fautes.append("line 2: no figure; expected one row per printed figure")
    if fautes:
        reste = f"\n... and {len(fautes) - _MONTREES} more" if len(fautes) > _MONTREES else ""
        raise DocumentIllisible(
            f"{fichier} cannot be audited:\n"
            + "\n".join(fautes[:_MONTREES])
            + reste
            + "\nCorrect these cells, then run the audit again."
        )
    sources = {c.source for c in chiffres}
    return DocumentAudite(
        sources.pop() if len(sources) == 1 else fichier.stem,
        hashlib.sha256(octets).hexdigest(),
        tuple(chiffres),
    )


def _sans_fin_vide(valeurs: list[str]) -> list[str]:
    while valeurs and not valeurs[-1]:
        valeurs = valeurs[:-1]
    return valeurs


def _fautes(c: ChiffreAudite, francais: bool) -> list[str]:
    fautes = [
        f"column {nom}: observed nothing, expected a value" for nom in _OBLIGATOIRES if not getattr(c, nom)
    ]
    if c.territory_level not in NIVEAUX:
        fautes.append(
            f"column territory_level: observed {c.territory_level!r}, expected one of {', '.join(NIVEAUX)}"
        )
    if not _PERIODE.fullmatch(c.period) or (c.annees and c.annees[0] > c.annees[1]):
        fautes.append(
            f"column period: observed {c.period!r}, expected a year (2022), two years in order (2017/2022) or"
            f" {SANS_ANNEE}"
        )
    nombre = "digits with a decimal point, no space (-10.4)"
    if francais:
        nombre = "a number as 3250, 3 250, -10,4 or -10.4"
    forme, attendu = _TEXTES.get(c.unit, (_NOMBRE, nombre))
    if c.value and not forme.fullmatch(c.value):
        fautes.append(f"column value: observed {c.value!r}, expected {attendu} for unit {c.unit}, or nothing")
    return fautes
