"""French rules: elision, agreement, lists, where a territory is ("en Isère", "dans l'Ain": `lieux.csv`)."""

import csv
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


@cache
def _locatifs() -> dict[tuple[str, str], str]:
    with Path(__file__).with_name("lieux.csv").open(encoding="utf-8", newline="") as flux:
        return {(lieu["niveau"], lieu["code"]): lieu["locatif"] for lieu in csv.DictReader(flux)}


def locatif(niveau: str, code: str, libelle: str) -> str:
    """Return where it is: "dans la Drôme"; a territory that nobody declared is named between brackets."""
    if niveau == "epci":
        nature = libelle.split(" ")[0]
        return f"dans la {libelle}" if nature in _NATURES else f"dans l'EPCI ({libelle})"
    return _locatifs().get((niveau, code)) or f"dans {designation(niveau)} ({libelle})"


def de(groupe: str) -> str:
    """Put "de" before a noun with its article, or before a number.

    de("le nombre") = "du nombre", de("les foyers") = "des foyers", de("environ 3") = "d'environ 3".
    """
    for article, contracte in (("le ", "du "), ("les ", "des ")):
        if groupe.startswith(article):
            return contracte + groupe.removeprefix(article)
    return f"d'{groupe}" if groupe[:1] in VOYELLES else f"de {groupe}"


def enumerer(elements: Sequence[str]) -> str:
    """Join: "a", "a et b", "a, b et c"."""
    return " et ".join(filter(None, [", ".join(elements[:-1]), elements[-1]]))


def ordinal(rang: int) -> str:
    """Return a rank as it is printed: 1ᵉʳ, 2ᵉ."""
    return f"{rang}ᵉʳ" if rang == 1 else f"{rang}ᵉ"


_SEPARABLES = re.compile("(?<=\\S) (?=[:;?!%€»](?:\\W|$))|(?<=«) |(?<=\\d) (?=\\d{3}\\b)")


def insecable(texte: str) -> str:
    """Keep on its line what French sets apart by a space: "Part : 12 %", "« oui »", "10 000"."""
    return _SEPARABLES.sub("\u00a0", texte) if " " in texte else texte


def majuscule(phrase: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return phrase[:1].upper() + phrase[1:]


def accorder(phrase: str, pluriel: bool) -> str:
    """Choose in each `{habitant|habitants}`."""
    return re.sub(r"\{([^{}|]*)\|([^{}|]*)\}", lambda m: m[2 if pluriel else 1], phrase)
