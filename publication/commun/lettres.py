"""How wide a text is in the font of charts, and where it breaks; no font of the machine is asked."""

import re
import unicodedata
from functools import lru_cache

# Advance widths of Arial and Liberation Sans, in thousandths of the size, from the space to `~`.
_LARGEURS = dict(
    zip(
        map(chr, range(32, 127)),
        (278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278)
        + (556,) * 10
        + (278, 278, 584, 584, 584, 556, 1015)
        + (667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611)
        + (722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333)
        + (556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278)
        + (556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
        strict=True,
    )
) | {"\u202f": 200, "\u00a0": 278, "’": 222, "–": 556, "−": 584, "…": 1000, "œ": 944}
_INCONNUE = 600
_GRAS = 1.08

# What XML 1.0 cannot hold, and what turns the direction of the text around it.
_INTERDITS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def propre(texte: str) -> str:
    """The text without what would break a page or the order of its letters."""
    return _INTERDITS.sub("", texte)


def largeur(texte: str, corps: float, gras: bool = False) -> float:
    """In pixels, to a few per cent."""
    return _pixels(_milliemes(texte), corps, gras)


@lru_cache(1 << 14)
def _milliemes(texte: str) -> int:
    lettres = unicodedata.normalize("NFD", texte)
    return sum(_LARGEURS.get(lettre, _INCONNUE) for lettre in lettres if not unicodedata.combining(lettre))


def _pixels(milliemes: int, corps: float, gras: bool) -> float:
    return milliemes * corps / 1000 * (_GRAS if gras else 1)


def couper(texte: str, place: float, corps: float, gras: bool = False, lignes: int = 3) -> list[str]:
    """Lines no wider than `place`, broken between words or after a hyphen; what does not fit ends with `…`.

    "Baronnies en Drôme provençale" in 90 px: "Baronnies en", "Drôme", "provençale".
    """
    # Each piece with the space before it, if any: "Auvergne-", "Rhône-", "Alpes", " et".
    reste = re.findall(r"[ \t\r\n]*(?:[^ \t\r\n-]+-?|-)", texte.strip())
    rangs: list[str] = []
    while reste and len(rangs) < lignes:
        rang = reste.pop(0).strip()
        # Widths add up: words come back, lines do not.
        prises = _milliemes(rang)
        while reste and _pixels(prises + _milliemes(reste[0]), corps, gras) <= place:
            prises += _milliemes(reste[0])
            rang += reste.pop(0)
        rangs.append(rang)
    if reste:
        rangs[-1] += "".join(reste)
    return [_raccourci(rang, place, corps, gras) for rang in rangs]


def _raccourci(rang: str, place: float, corps: float, gras: bool) -> str:
    if largeur(rang, corps, gras) <= place:
        return rang
    # Letter by letter from the start: measuring the whole again for each letter less would take minutes for a
    # label of thousands.
    total, garde = _milliemes("…"), 0
    for lettre in rang:
        total += _milliemes(lettre)
        if _pixels(total, corps, gras) > place:
            break
        garde += 1
    return rang[:garde].rstrip() + "…"
