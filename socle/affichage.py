"""Printing of a figure in French: one function, for pages, sheets, slides and terminals alike.

`dbt_project/macros/affichage.sql` writes the same texts in SQL (`valeur_affichee`); a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from socle.sql import liste_sql

ESPACE_FINE = "\u202f"
"""Narrow no-break space: between thousands, and before % and €."""

ESPACE = "\u00a0"
"""No-break space: between a number and the word that counts it."""

MOINS = "\u2212"

MARQUES = {"secret": "s", "non_disponible": "nd", "sans_objet": "na", "refusee": "na"}
"""What is printed under a statut that shows no figure."""

STATUTS_MARQUES = liste_sql(MARQUES)
"""These statuts, as SQL writes them after `in`."""

TROP_PEU = "trop peu"
"""What is printed of a figure that rests on too few."""

Bornes = tuple[float | None, float | None]
"""The lower and the upper bound of a figure, None where it is not known."""

PRECISION = 9
"""Decimals of a double that are a figure's; `macros/affichage.sql` has the same."""

LIMITE = 1e15
"""From here on a double no longer holds every unit, and is nobody's figure."""

MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class Unite:
    """How a unit is printed: a line of `unites.csv`, under the same names.

    `nature`: nombre, annee (no thousands), date, booleen, texte. `suffixe` stands after the number (`%`,
    `€`), the two `ecart_…` after a difference; `libelle_…` name the unit in a sentence or beside an axis.
    `signee`: a rise has its sign, as an evolution. `monnaie`: euros, worth what they were worth that year.
    """

    unite: str
    nature: str
    suffixe: str
    ecart_singulier: str
    ecart_pluriel: str
    libelle_singulier: str
    libelle_pluriel: str
    signee: bool = False
    monnaie: bool = False

    @classmethod
    def lire(cls, ligne: Mapping[str, Any]) -> "Unite":
        """Read a row of `unites.csv` or of `dim_unite`, where an empty text may be None.

        A release older than `signee` and `monnaie` has neither: they are false.
        """
        vrais = ("signee", "monnaie")
        textes = {champ.name: ligne[champ.name] or "" for champ in fields(cls) if champ.name not in vrais}
        signee, monnaie = (ligne.get(nom) in (True, "true") for nom in vrais)
        return cls(**textes, signee=signee, monnaie=monnaie)

    @property
    def apres(self) -> str:
        """Text after the number, its space included: a narrow space and `%`, or nothing."""
        return f"{ESPACE_FINE}{self.suffixe}" if self.suffixe else ""

    def mot_d_ecart(self, ecart: float) -> str:
        """Word after a difference: point, points, €, or nothing."""
        return self.ecart_singulier if abs(ecart) < 2 else self.ecart_pluriel

    def libelle(self, valeur: float) -> str:
        """Name the unit as French does after this number: 1 place, 1,9 place, 2 places."""
        return self.libelle_singulier if abs(valeur) < 2 else self.libelle_pluriel


def decimales_connues(bornes: Bornes, decimales: int, de_plus: int = 0) -> int:
    """Return how many decimals the bounds of a figure know, at most `decimales`; under zero, tens (-1).

        4462 and 4495, 2 decimals      -1: 4 478,16 prints as 4 480          12.4 and 13.6, 1      1

    The last digit is of the largest power of ten that half the interval reaches; a bound has one digit more
    (`de_plus`). An exact figure, or one with an unknown bound, keeps all its decimals.
    """
    basse, haute = bornes
    if basse is None or haute is None or not (ecart := _decimal(haute - basse, PRECISION)):
        return decimales
    return min(decimales, de_plus - (ecart / 2).adjusted())


def arrondi(valeur: float, decimales: int) -> float:
    """Return the printed number: `arrondi(31.45, 1)` is 31.5, `arrondi(-0.04, 1)` is 0.0.

    Decimals under zero are tens: `arrondi(44.8, -1)` is 40.0.

    Half away from zero, on the decimals that write it shortest: 2.675 is read as 2,675, though the double
    lies a little below. Beyond the ninth decimal there is only noise of sums and quotients: 68.74999999999997
    is 68.75.
    """
    return float(_decimal(valeur, decimales)) + 0.0


def nombre(valeur: float, decimales: int) -> str:
    """Write a number: `nombre(-18464843.25, 1)` is `−18 464 843,3`.

    Raises ValueError for nan, an infinity, or a number with too many digits to be a figure.
    """
    return _ecrit(_decimal(valeur, decimales))


def afficher(
    valeur: float | str | None,
    unite: Unite,
    decimales: int,
    statut: str | None = None,
    lisibilite: str | None = "point",
    bornes: Bornes = (None, None),
) -> str:
    """Print a figure with its unit; the mark of its statut where that shows none.

        31.45     pourcent, 1 decimal    31,5 %          18464843.2    EUR, 0          18 464 843 €
        -0.04     pourcent, 1            0,0 %           2019          annee           2019
        3.25      evolution en pourcent, 1        +3,3 %
        under secret, non_disponible, sans_objet         s, nd, na

    A figure that is no number comes as its text: `oui`, `2025-01-01` (1er janvier 2025), `2025-2029`. The
    `lisibilite` decides how a number is printed: a `point` with the digits that its `bornes` know, an
    `intervalle` as its `bornes`, a `trop_peu` in those words. Raises ValueError when there is nothing to
    print and the statut does not say why.
    """
    if statut in MARQUES:
        return MARQUES[statut]
    if lisibilite == "trop_peu":
        return TROP_PEU
    if lisibilite == "intervalle" and (texte := intervalle(*bornes, unite, decimales)) is not None:
        return texte
    if valeur is None:
        raise ValueError(
            f"no value under statut {statut} ({unite.unite}): expected one of {', '.join(MARQUES)}"
        )
    if isinstance(valeur, str):
        return date_longue(date.fromisoformat(valeur)) if unite.nature == "date" else valeur
    if unite.nature == "booleen":
        return "oui" if valeur else "non"
    return _nombre_de(unite, valeur, decimales_connues(bornes, decimales)) + unite.apres


def compter(valeur: float, unite: Unite, decimales: int) -> str:
    """Print a figure as a sentence does, with what it counts: `3 250 foyers`, `1 commune`, `57,2 %`."""
    mot = unite.libelle(arrondi(valeur, decimales))
    texte = afficher(valeur, unite, decimales)
    return texte if unite.suffixe or not mot else f"{texte}{ESPACE}{mot}"


def afficher_ecart(ecart: float, unite: Unite, decimales: int) -> str:
    """Print a difference, signed: `+3,4 points` of two percentages, `−1 250 €`, `+12`; `0` has no sign."""
    arrondie = arrondi(ecart, decimales)
    texte = _signe(nombre(ecart, decimales), arrondie)
    mot = unite.mot_d_ecart(arrondie)
    if not mot:
        return texte
    return f"{texte}{ESPACE_FINE if mot == unite.suffixe else ESPACE}{mot}"


def afficher_relative(pourcentage: float) -> str:
    """Print a relative change: `+12,0 %`."""
    return f"{_signe(nombre(pourcentage, 1), arrondi(pourcentage, 1))}{ESPACE_FINE}%"


def intervalle(basse: float | None, haute: float | None, unite: Unite, decimales: int) -> str | None:
    """Word two bounds: `entre 3 130 et 3 520`, `au plus 14,3 %` from nothing up, `au moins 3 138` if one is
    unknown.

    Each bound is rounded outwards, to the digits that the interval knows. Return None when no bound is known,
    or when both print as one number.
    """
    if basse is not None and basse == haute:
        return None
    if basse is not None and haute is not None and arrondi(basse, decimales) == arrondi(haute, decimales):
        return None
    textes = bornes_affichees(basse, haute, unite, decimales)
    match textes:
        case (None, None):
            return None
        case (str(bas), None):
            return f"au moins {bas}{unite.apres}"
        case (None, str(haut)):
            return f"au plus {haut}{unite.apres}"
        case (bas, haut) if not unite.signee and set(str(bas)) <= {"0", ","}:
            return f"au plus {haut}{unite.apres}"
        case (bas, haut):
            return f"entre {bas} et {haut}{unite.apres}"
    raise AssertionError(textes)


def bornes_affichees(
    basse: float | None, haute: float | None, unite: Unite, decimales: int
) -> tuple[str | None, str | None]:
    """Print two bounds, rounded outwards, without their unit; an unknown bound gives None."""
    connues = decimales_connues((basse, haute), decimales, de_plus=1)
    return (
        None if basse is None else _nombre_de(unite, basse, connues, ROUND_FLOOR),
        None if haute is None else _nombre_de(unite, haute, connues, ROUND_CEILING),
    )


def date_longue(jour: date) -> str:
    """Write a day: `1er janvier 2025`, `17 décembre 2024`."""
    return f"{'1er' if jour.day == 1 else jour.day} {MOIS[jour.month - 1]} {jour.year}"


@cache
def _pas(decimales: int) -> Decimal:
    return Decimal(1).scaleb(-decimales)


def _decimal(valeur: float, decimales: int, sens: str = ROUND_HALF_UP) -> Decimal:
    if abs(valeur) < LIMITE:
        juste = Decimal(repr(float(valeur))).quantize(_pas(PRECISION), ROUND_HALF_UP)
        exact = juste.quantize(_pas(decimales), sens)
        if abs(exact) < LIMITE:
            # Tens are written without an exponent.
            return exact.quantize(_pas(max(decimales, 0)))
    raise ValueError(f"{valeur!r} is no figure: expected a number that prints between -1e15 and 1e15")


def _nombre_de(unite: Unite, valeur: float, decimales: int, sens: str = ROUND_HALF_UP) -> str:
    if unite.nature == "annee":
        return _ecrit(_decimal(valeur, 0, sens)).replace(ESPACE_FINE, "")
    exact = _decimal(valeur, decimales, sens)
    return _signe(_ecrit(exact), float(exact)) if unite.signee else _ecrit(exact)


def _ecrit(exact: Decimal) -> str:
    texte = f"{abs(exact):,}".replace(",", ESPACE_FINE).replace(".", ",")
    return f"{MOINS}{texte}" if exact < 0 else texte


def _signe(texte: str, arrondie: float) -> str:
    return f"+{texte}" if arrondie > 0 else texte
