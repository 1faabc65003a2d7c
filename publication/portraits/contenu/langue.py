"""French rules: elision, agreement, lists, numbers in words, names of territories (`lieux.csv`)."""

import csv
import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

VOYELLES = "aàâæeéèêëiîïoôœuùûühAÀÂÆEÉÈÊËIÎÏOÔŒUÙÛÜH"

_DESIGNATIONS = {
    "commune": "la commune",
    "departement": "le département",
    "region": "la région",
    "france": "la France",
}


def designation(niveau: str) -> str:
    """Return what a sentence calls the territory of the portrait: an EPCI or a CTG is "le territoire"."""
    return _DESIGNATIONS.get(niveau, "le territoire")


_NATURES = ("CC", "CA", "CU", "Métropole")
"""What begins the name of an EPCI that takes an article: "la CC du Diois", but not "la Dijon Métropole"."""


_LETTRES = ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")


@cache
def _lieux() -> dict[tuple[str, str], dict[str, str]]:
    with Path(__file__).with_name("lieux.csv").open(encoding="utf-8", newline="") as flux:
        return {(lieu["niveau"], lieu["code"]): lieu for lieu in csv.DictReader(flux)}


def locatif(niveau: str, code: str, libelle: str) -> str:
    """Return where it is: "dans la Drôme"; a territory that nobody declared is named between brackets."""
    if niveau == "epci":
        return f"dans la {libelle}" if _a_un_article(libelle) else f"dans l'EPCI ({libelle})"
    if niveau == "commune":
        for article, contracte in (("Le ", "au "), ("Les ", "aux ")):
            if libelle.startswith(article):
                return contracte + libelle.removeprefix(article)
        return f"à {libelle}"
    lieu = _lieux().get((niveau, code))
    return lieu["locatif"] if lieu else f"dans {designation(niveau)} ({libelle})"


def nom_de_lieu(niveau: str, code: str, libelle: str) -> str:
    """Return the name of a territory with its article: "la Drôme", "l'Ain", "la CC du Diois", "Nyons"."""
    if niveau == "epci":
        return f"la {libelle}" if _a_un_article(libelle) else f"l'EPCI ({libelle})"
    if niveau == "commune":
        return libelle
    lieu = _lieux().get((niveau, code))
    return lieu["nom"] if lieu else f"{designation(niveau)} ({libelle})"


def _a_un_article(epci: str) -> bool:
    return epci.split(" ")[0] in _NATURES


def en_lettres(nombre: float, article: str) -> str | None:
    """Write what is counted one by one: "aucune", "un", "dix" by its article; None beyond ten.

    en_lettres(0, "une") = "aucune", en_lettres(1, "une") = "une", en_lettres(4, "un") = "quatre".
    """
    if nombre != int(nombre) or not 0 <= nombre <= 10:
        return None
    return (f"auc{article}", article, *_LETTRES)[int(nombre)]


def fois(rapport: float) -> str | None:
    """Say how many times more from twice on, by halves of one: 3.85 is "près de quatre fois".

    2.05 "deux fois", 2.3 "plus de deux fois", 0.5 "la moitié de"; None in between and beyond ten.
    """
    if 0.45 <= rapport <= 0.55:
        return "la moitié de"
    entier = math.ceil(rapport - 0.05)
    if rapport < 1.75 or entier > 10:
        return None
    ecart = rapport - entier
    if ecart < -0.25:
        entier -= 1
    mots = f"{en_lettres(entier, 'une')} fois"
    if entier == 1:
        return None
    if abs(ecart) <= 0.05:
        return mots
    return f"plus de {mots}" if ecart < -0.25 else f"près de {mots}"


def de(groupe: str) -> str:
    """Put "de" before a noun with its article, or before a number.

    de("le nombre") = "du nombre", de("les foyers") = "des foyers", de("environ 3") = "d'environ 3".
    """
    for article, contracte in (("le ", "du "), ("les ", "des "), ("Le ", "du "), ("Les ", "des ")):
        if groupe.startswith(article):
            return contracte + groupe.removeprefix(article)
    return f"d'{groupe}" if groupe[:1] in VOYELLES else f"de {groupe}"


def que(groupe: str) -> str:
    """Put "que" before what something is compared with: "que dans la Drôme", "qu'en France"."""
    return f"qu'{groupe}" if groupe[:1] in VOYELLES else f"que {groupe}"


def enumerer(elements: Sequence[str]) -> str:
    """Join: "a", "a et b", "a, b et c"."""
    return " et ".join(filter(None, [", ".join(elements[:-1]), elements[-1]]))


def ordinal(rang: int) -> str:
    """Return the rank of a value, which is feminine: 1ʳᵉ, 2ᵉ."""
    return f"{rang}ʳᵉ" if rang == 1 else f"{rang}ᵉ"


_SEPARABLES = re.compile("(?<=\\S) (?=[:;?!%€»](?:\\W|$))|(?<=«) |(?<=\\d) (?=\\d{3}\\b)")


def insecable(texte: str) -> str:
    """Keep on its line what French sets apart by a space: "Part : 12 %", "« oui »", "10 000"."""
    return _SEPARABLES.sub("\u00a0", texte) if " " in texte else texte


def majuscule(phrase: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return phrase[:1].upper() + phrase[1:]


def minuscule(phrase: str) -> str:
    """Begin with a small letter, and leave the rest as it is."""
    return phrase[:1].lower() + phrase[1:]


def accorder(phrase: str, pluriel: bool) -> str:
    """Choose in each `{habitant|habitants}`."""
    return re.sub(r"\{([^{}|]*)\|([^{}|]*)\}", lambda m: m[2 if pluriel else 1], phrase)
