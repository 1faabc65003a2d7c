"""Wording of audits for readers of figures: names for identifiers, French numbers, what a status means."""

import re
from collections.abc import Mapping
from datetime import date

from socle.affichage import ESPACE, ESPACE_FINE, MOINS, date_longue

VERDICTS = {
    "conforme": "conforme",
    "ecart_arrondi": "écart d'arrondi",
    "ecart": "écart",
    "mauvais_univers": "mauvais univers",
    "non_verifiable": "non vérifiable",
    "divulgation": "divulgation",
}
SENS = {
    "conforme": "Le chiffre imprimé est celui de l'observatoire, à la précision imprimée.",
    "ecart_arrondi": "L'écart tient à l'arrondi, du document ou du producteur.",
    "ecart": "Le chiffre imprimé n'est pas celui de l'observatoire ; la lecture la plus proche est indiquée.",
    "mauvais_univers": "Le document nomme un autre ensemble que celui du chiffre : ménages pour foyers.",
    "non_verifiable": "L'observatoire n'a pas de quoi trancher, et dit pourquoi.",
    "divulgation": "Le document imprime, ou laisse calculer, ce que le secret statistique tient caché.",
}
STATUTS = {
    "FUITE": "divulgue un secret",
    "OK_MAIS_FUITE": "juste, mais divulgue un secret",
    "KO": "ne concorde pas",
    "KO_LIBELLE": "libellé à corriger",
    "KO_METADONNEES": "année ou définition absente",
    "KO_PRESENTATION": "présentation à corriger",
    "MANQUANT": "manquant",
    "A_VERIFIER": "à vérifier",
    "DERIVE": "se déduit du document",
    "OK_ARRONDI": "concorde à l'arrondi près",
    "OK": "concorde",
}
"""What each status of a check means, what is gravest first."""
GRAVITES = {"securite": "secret", "majeur": "majeur", "moyen": "moyen", "faible": "faible", "info": ""}

_EUROS = re.compile(r"\bEUR\b")
_SIGNES = {"<=": "≤", " x ": " × ", " * ": " × "}
_MOTS = (
    (re.compile(r"\bl'entrepôt\b"), "l'observatoire"),
    (re.compile(r"\bentrepôt\b"), "observatoire"),
    (re.compile(r"\bla release\b"), "la publication"),
    (re.compile(r", (C\d\d)\)"), r", d'après le contrôle \1)"),
)
# `nb_eaje`, `insee_rp_logement`, `epci:200068229`.
_IDENTIFIANT = re.compile(r"(?<![\w:])(?:[a-z]+:[\w-]+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w:])")
_BORNES = re.compile(rf"(?<=\d)({ESPACE_FINE}[%€])? \[([^;\]]+) ; ([^;\]]+)\]")
_JOUR = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MOINS = re.compile(r"(?<![\w)\]%-])-(?=\d)")
# Neither a part of a word, of a date, nor of two years (2017/2022, 2025-2029, L214-1-3), nor a code.
_NOMBRE = re.compile(
    r"(?<![\w.,:/-])(?<!commune )(?<!code )(?<!postal )(?<!SIRET )(?<!Siret )(\d{4,})(?![\d/-])(,\d+)?"
)


def en_clair(texte: str, noms: Mapping[str, str]) -> str:
    """Put names for identifiers in a text of an audit, and French for its numbers.

    part_rsa (12,7 %) x nb_menages (9998, entrepôt 2021, insee_filosofi) <= nb_foyers (4120, C02)
    « Part au RSA » (12,7 %) × « Ménages » (9 998, observatoire 2021, Filosofi) ≤ « Foyers » (4 120, …)
    """
    texte = _IDENTIFIANT.sub(lambda m: noms.get(m[0], m[0]), texte)
    texte = _EUROS.sub("€", texte)
    for signe, ecrit in _SIGNES.items():
        texte = texte.replace(signe, ecrit)
    for motif, mot in _MOTS:
        texte = motif.sub(mot, texte)
    texte = re.sub("^≤", "au plus ", texte)
    texte = _BORNES.sub(_entre, texte)
    texte = _JOUR.sub(lambda m: date_longue(date(*map(int, m.groups()))), texte)
    texte = _MOINS.sub(MOINS, texte)
    texte = _NOMBRE.sub(lambda m: _grouper(m[1], m[2] or ""), texte)
    texte = re.sub(r"(?<=\d) €", f"{ESPACE_FINE}€", texte)
    return texte.replace("« ", f"«{ESPACE}").replace(" »", f"{ESPACE}»")


def _entre(m: re.Match[str]) -> str:
    """Write the bounds after a number, unless they print alike."""
    suffixe = m[1] or ""
    return suffixe if m[2] == m[3] else f"{suffixe}, entre {m[2]} et {m[3]}{suffixe}"


def _grouper(entier: str, decimales: str) -> str:
    """Write thousands apart; what may be a year stays one."""
    annee = len(entier) == 4 and not decimales and 1900 <= int(entier) < 2100
    return entier if annee else f"{int(entier):,}".replace(",", ESPACE_FINE) + decimales
