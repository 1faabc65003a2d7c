"""Reading a published document's figures, strictly, one row each: number, precision, years."""

import hashlib
import re
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path

from publication.controle_documents.intervalles import Intervalle
from publication.controle_documents.ouverture import LONGUEUR_DES_CODES, DocumentIllisible, normaliser, ouvrir
from publication.lecture.niveaux import NIVEAUX

__all__ = ["COLONNES", "ChiffreAudite", "DocumentAudite", "DocumentIllisible", "lire"]

SANS_ANNEE = "annee_non_precisee"

_PERIODE = re.compile(rf"{SANS_ANNEE}|\d{{4}}(/\d{{4}})?")
_NOMBRE = re.compile(r"-?\d+(\.\d+)?")
_TEXTES = {
    "booleen": (re.compile("oui|non"), "oui ou non"),
    "annee": (re.compile(r"\d{4}"), "une année (2025)"),
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "une date (2025-01-31)"),
    "intervalle": (re.compile(r"\d{4}-\d{4}"), "deux années (2025-2029)"),
}
# Printed to the unit, an amount or a rate was rounded; a count of persons, places or structures was not.
_MESURE = re.compile("EUR|%|pourcent|pour[ _]|par[ _]|rapport|heures")
# What a document may leave out: it is then as if these cells were empty.
_FACULTATIVES = ("theme", "numerator_definition", "denominator_definition", "comparator", "notes")
_OBLIGATOIRES = ("indicator_id", "label", "territory_code", "unit", "source")
_MONTREES = 20
_SEPARATEUR = {",": "une virgule", ";": "un point-virgule", "\t": "une tabulation", None: "plusieurs cases"}


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
            f"{fichier}, ligne 1 : colonnes absentes : {', '.join(manquent) or 'aucune'} ; inconnues ou"
            f" répétées : {', '.join(en_trop) or 'aucune'}. Attendu {','.join(necessaires)} et, s'il y a"
            f" lieu, {','.join(_FACULTATIVES)}, dans la première feuille d'un classeur, ou séparées par des"
            " virgules, des points-virgules ou des tabulations : corriger cette ligne"
            " (docs/verifier-un-document.md), puis relancer l'audit."
        )
    chiffres, fautes = [], []
    for ligne, valeurs in ouvert.enregistrements:
        if len(valeurs) > len(entete):
            # Cells that a spreadsheet keeps empty beyond the last heading.
            valeurs = [*valeurs[: len(entete)], *_sans_fin_vide(valeurs[len(entete) :])]
        if len(valeurs) != len(entete):
            fautes.append(
                f"ligne {ligne} : observé {len(valeurs)} cases, attendu {len(entete)} ; mettre entre"
                f" guillemets un texte qui contient {_SEPARATEUR[ouvert.separateur]}"
            )
            continue
        cellules = dict.fromkeys(_FACULTATIVES, "") | dict(zip(entete, valeurs, strict=True))
        if ouvert.francais:
            cellules["value"] = normaliser(cellules["value"], cellules["unit"])
        code = cellules["territory_code"]
        if code.isdigit():
            cellules["territory_code"] = code.zfill(LONGUEUR_DES_CODES.get(cellules["territory_level"], 0))
        chiffre = ChiffreAudite(ligne=ligne, **cellules)
        fautes += [f"ligne {ligne}, {faute}" for faute in _fautes(chiffre, ouvert.francais)]
        chiffres.append(chiffre)
    if not (chiffres or fautes):
        fautes.append("ligne 2 : aucun chiffre ; attendu une ligne par chiffre imprimé")
    if fautes:
        reste = f"\n... et {len(fautes) - _MONTREES} de plus" if len(fautes) > _MONTREES else ""
        raise DocumentIllisible(
            f"{fichier} ne peut être audité :\n"
            + "\n".join(fautes[:_MONTREES])
            + reste
            + "\nCorriger ces cases, puis relancer l'audit."
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
        f"colonne {nom} : observé rien, attendu une valeur" for nom in _OBLIGATOIRES if not getattr(c, nom)
    ]
    if c.territory_level not in NIVEAUX:
        fautes.append(
            f"colonne territory_level : observé {c.territory_level!r}, attendu l'un de {', '.join(NIVEAUX)}"
        )
    if not _PERIODE.fullmatch(c.period) or (c.annees and c.annees[0] > c.annees[1]):
        fautes.append(
            f"colonne period : observé {c.period!r}, attendu une année (2022), deux années dans l'ordre"
            f" (2017/2022) ou {SANS_ANNEE}"
        )
    nombre = "des chiffres et un point décimal, sans espace (-10.4)"
    if francais:
        nombre = "un nombre (3250, 3 250, -10,4 ou -10.4)"
    forme, attendu = _TEXTES.get(c.unit, (_NOMBRE, nombre))
    if c.value and not forme.fullmatch(c.value):
        fautes.append(f"colonne value : observé {c.value!r}, attendu {attendu} en {c.unit}, ou rien")
    return fautes
