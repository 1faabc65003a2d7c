"""Number formats that print what the document prints, spaces, signs and units literal: [$-40C]#" "##0.

`[$-40C]` makes the decimal sign a comma in LibreOffice whatever its language.
"""

import re

from publication.classeurs.mise_en_forme import FRANCAIS, litteral

_IMPRIME = re.compile(
    "(?P<avant>[^0-9]*)(?P<entier>[0-9]+(?:[\u202f\u00a0 ][0-9]{3})*)"
    "(?:,(?P<decimales>[0-9]+))?(?P<apres>.*)",
    re.DOTALL,
)
_MOINS = ("-", "\u2212")
_LONGUEUR_MAXIMALE = 200
"""Excel refuses a format beyond 255 characters."""


def format_imprimant(texte: str, nombre: float) -> str | None:
    """Return the format under which `nombre` prints `texte`, or None where it must be written as text."""
    lu = _IMPRIME.fullmatch(texte)
    if lu is None:
        return None
    avant, entier, decimales, apres = lu["avant"], lu["entier"], lu["decimales"] or "", lu["apres"]
    chiffres = re.sub("[^0-9]", "", entier) + (f".{decimales}" if decimales else "")
    # Digit for digit: a sheet must not hold more of a figure than it prints.
    if f"{abs(nombre):.{len(decimales)}f}" != chiffres or float(chiffres) != abs(nombre):
        return None
    signe = avant[-1:] if avant[-1:] in (*_MOINS, "+") else ""
    if (nombre < 0) != (signe in _MOINS):
        return None
    devant = avant[: len(avant) - len(signe)]
    corps = _groupes(entier) + ("." + "0" * len(decimales) if decimales else "") + litteral(apres)
    if not signe:
        trouve = f"{FRANCAIS}{litteral(devant)}{corps}"
    else:
        moins = signe if signe in _MOINS else _MOINS[1]
        plus = "+" if signe == "+" else ""
        trouve = ";".join(f"{FRANCAIS}{litteral(devant + s)}{corps}" for s in (plus, moins))
    return trouve if len(trouve) <= _LONGUEUR_MAXIMALE else None


def _groupes(entier: str) -> str:
    morceaux = re.split("([\u202f\u00a0 ])", entier)
    if len(morceaux) == 1:
        return "0"
    dedans = "".join(litteral(m) if rang % 2 else "###" for rang, m in enumerate(morceaux))
    # Two thousands are two digits short of a group: the placeholders to the left take whatever is there.
    return "#" + dedans[3:-1] + "0"
