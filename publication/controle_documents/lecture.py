"""Reading a published document's figures, strictly, one row each, as texts."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from publication.controle_documents.ouverture import (
    LONGUEUR_DES_CODES,
    DocumentIllisible,
    Ouvert,
    normaliser,
    ouvrir,
)
from publication.lecture.niveaux import NIVEAUX

__all__ = ["COLONNES", "DocumentAudite", "DocumentIllisible", "lire"]

SANS_ANNEE = "annee_non_precisee"
# What a document may leave out: it is then as if these cells were empty.
_FACULTATIVES = ("theme", "numerator_definition", "denominator_definition", "comparator", "notes")
_NECESSAIRES = (
    *("indicator_id", "label", "territory_level", "territory_code", "territory_name"),
    *("period", "value", "unit", "source"),
)
COLONNES = ("theme", *_NECESSAIRES[:-1], *_FACULTATIVES[1:3], "source", *_FACULTATIVES[3:])

_OBLIGATOIRES = ("indicator_id", "label", "territory_code", "unit", "source")
_PERIODE = re.compile(rf"{SANS_ANNEE}|(\d{{4}})(?:/(\d{{4}}))?")
_NOMBRE = re.compile(r"-?\d+(\.\d+)?")
_TEXTES = {
    "booleen": (re.compile("oui|non"), "oui ou non"),
    "annee": (re.compile(r"\d{4}"), "une année (2025)"),
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}"), "une date (2025-01-31)"),
    "intervalle": (re.compile(r"\d{4}-\d{4}"), "deux années (2025-2029)"),
}
_MONTREES = 20
_SEPARATEUR = {",": "une virgule", ";": "un point-virgule", "\t": "une tabulation", None: "plusieurs cases"}


@dataclass(frozen=True)
class DocumentAudite:
    """The figures of a document in its own order, each a text by column and `ligne`, its first line.

    `document_id` is its source when all rows agree on it.
    """

    document_id: str
    sha256: str
    chiffres: tuple[dict[str, str | int], ...]


def lire(fichier: Path) -> DocumentAudite:
    """Read a document. Raises DocumentIllisible with every fault: line, column, observed, expected."""
    octets = fichier.read_bytes()
    ouvert = ouvrir(str(fichier), octets, COLONNES)
    _, entete = next(ouvert.enregistrements, (1, []))
    entete = _sans_fin_vide(entete)
    manquent = [c for c in _NECESSAIRES if c not in entete]
    en_trop = [c for c in entete if c not in COLONNES or entete.count(c) > 1]
    if manquent or en_trop:
        raise DocumentIllisible(
            f"{fichier}, ligne 1 : colonnes absentes : {', '.join(manquent) or 'aucune'} ; inconnues ou"
            f" répétées : {', '.join(en_trop) or 'aucune'}. Attendu {','.join(_NECESSAIRES)} et, s'il y a"
            f" lieu, {','.join(_FACULTATIVES)}, dans la première feuille d'un classeur, ou séparées par des"
            " virgules, des points-virgules ou des tabulations : corriger cette ligne"
            " (docs/verifier-un-document.md), puis relancer l'audit."
        )
    chiffres, fautes = _chiffres(ouvert, entete)
    if fautes:
        reste = f"\n... et {len(fautes) - _MONTREES} de plus" if len(fautes) > _MONTREES else ""
        raise DocumentIllisible(
            f"{fichier} ne peut être audité :\n"
            + "\n".join(fautes[:_MONTREES])
            + reste
            + "\nCorriger ces cases, puis relancer l'audit."
        )
    sources = {str(c["source"]) for c in chiffres}
    return DocumentAudite(
        sources.pop() if len(sources) == 1 else fichier.stem,
        hashlib.sha256(octets).hexdigest(),
        tuple(chiffres),
    )


def _chiffres(ouvert: Ouvert, entete: Sequence[str]) -> tuple[list[dict[str, str | int]], list[str]]:
    chiffres: list[dict[str, str | int]] = []
    fautes = []
    for ligne, valeurs in ouvert.enregistrements:
        # Cells that a spreadsheet keeps empty beyond the last heading.
        valeurs = [*valeurs[: len(entete)], *_sans_fin_vide(valeurs[len(entete) :])]
        if len(valeurs) != len(entete):
            fautes.append(
                f"ligne {ligne} : observé {len(valeurs)} cases, attendu {len(entete)} ; mettre entre"
                f" guillemets un texte qui contient {_SEPARATEUR[ouvert.separateur]}"
            )
            continue
        lues = dict(zip(entete, valeurs, strict=True))
        c = {nom: lues.get(nom, "") for nom in COLONNES}
        if ouvert.francais:
            c["value"] = normaliser(c["value"], c["unit"])
        if c["territory_code"].isdigit():
            c["territory_code"] = c["territory_code"].zfill(LONGUEUR_DES_CODES.get(c["territory_level"], 0))
        fautes += [f"ligne {ligne}, colonne {faute}" for faute in _fautes(c, ouvert.francais)]
        chiffres.append({"ligne": ligne} | c)
    if not (chiffres or fautes):
        fautes.append("ligne 2 : aucun chiffre ; attendu une ligne par chiffre imprimé")
    return chiffres, fautes


def _sans_fin_vide(valeurs: list[str]) -> list[str]:
    while valeurs and not valeurs[-1]:
        valeurs = valeurs[:-1]
    return valeurs


def _fautes(c: dict[str, str], francais: bool) -> list[str]:
    fautes = [f"{nom} : observé rien, attendu une valeur" for nom in _OBLIGATOIRES if not c[nom]]
    if c["territory_level"] not in NIVEAUX:
        fautes.append(
            f"territory_level : observé {c['territory_level']!r}, attendu l'un de {', '.join(NIVEAUX)}"
        )
    periode = _PERIODE.fullmatch(c["period"])
    if not periode or (periode[2] and periode[1] > periode[2]):
        fautes.append(
            f"period : observé {c['period']!r}, attendu une année (2022), deux années dans l'ordre"
            f" (2017/2022) ou {SANS_ANNEE}"
        )
    nombre = "des chiffres et un point décimal, sans espace (-10.4)"
    if francais:
        nombre = "un nombre (3250, 3 250, -10,4 ou -10.4)"
    forme, attendu = _TEXTES.get(c["unit"], (_NOMBRE, nombre))
    if c["value"] and not forme.fullmatch(c["value"]):
        fautes.append(f"value : observé {c['value']!r}, attendu {attendu} en {c['unit']}, ou rien")
    return fautes
