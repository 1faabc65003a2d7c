"""Printed numbers as exact intervals: what a rounded figure may have been, and formulas over them."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from socle.affichage import PRECISION

_BRUIT = Fraction(1, 10 ** (PRECISION - 3))
"""What a sum of a thousand figures, each cut to its ninth decimal, may be off by."""


@dataclass(frozen=True)
class Intervalle:
    """What a number may be: `bas <= x <= haut`, and its nominal value `centre`."""

    centre: Fraction
    bas: Fraction
    haut: Fraction

    @classmethod
    def exact(cls, valeur: Fraction) -> "Intervalle":
        """A number without any uncertainty."""
        return cls(valeur, valeur, valeur)

    @classmethod
    def imprime(cls, valeur: Fraction, decimales: int) -> "Intervalle":
        """What a number printed with that many decimals may have been before it was rounded."""
        demi = Fraction(1, 2 * 10**decimales)
        return cls(valeur, valeur - demi, valeur + demi)

    def __add__(self, autre: "Intervalle") -> "Intervalle":
        """Sum of the two, bounds included."""
        return Intervalle(self.centre + autre.centre, self.bas + autre.bas, self.haut + autre.haut)

    def __sub__(self, autre: "Intervalle") -> "Intervalle":
        """Difference of the two, bounds included."""
        return Intervalle(self.centre - autre.centre, self.bas - autre.haut, self.haut - autre.bas)

    def __mul__(self, autre: "Intervalle") -> "Intervalle":
        """Product of the two, bounds included."""
        return self._aux_coins(autre, operator.mul)

    def __truediv__(self, autre: "Intervalle") -> "Intervalle":
        """Quotient of the two, bounds included; ZeroDivisionError when the divisor may be zero."""
        if autre.bas <= 0 <= autre.haut:
            raise ZeroDivisionError
        return self._aux_coins(autre, operator.truediv)

    def _aux_coins(
        self, autre: "Intervalle", operation: Callable[[Fraction, Fraction], Fraction]
    ) -> "Intervalle":
        coins = [operation(x, y) for x in (self.bas, self.haut) for y in (autre.bas, autre.haut)]
        return Intervalle(operation(self.centre, autre.centre), min(coins), max(coins))

    def entiers(self) -> range:
        """The whole numbers it holds."""
        return range(math.ceil(self.bas), math.floor(self.haut) + 1)

    def croise(self, autre: "Intervalle") -> bool:
        """Whether the two may be the same number."""
        return not (self.depasse(autre) or autre.depasse(self))

    def depasse(self, autre: "Intervalle") -> bool:
        """Whether this number is certainly the larger one, by more than rounding to `PRECISION` leaves."""
        return self.bas > autre.haut + _BRUIT

    def etendu(self, autre: "Intervalle") -> "Intervalle":
        """The same number, that may also be what the other may be."""
        return Intervalle(self.centre, min(self.bas, autre.bas), max(self.haut, autre.haut))


_OPERATIONS: dict[type[ast.operator], Callable[[Intervalle, Intervalle], Intervalle]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculer(formule: str, valeurs: Mapping[str, Intervalle]) -> Intervalle:
    """Value of a formula (names, whole numbers, `+ - * /`, parentheses) as an interval.

    Tight when each name occurs once. Raises ZeroDivisionError when a divisor may be zero, KeyError on a name
    without a value, ValueError on anything else than a formula.
    """

    def valeur(noeud: ast.expr) -> Intervalle:
        if isinstance(noeud, ast.BinOp) and type(noeud.op) in _OPERATIONS:
            return _OPERATIONS[type(noeud.op)](valeur(noeud.left), valeur(noeud.right))
        if isinstance(noeud, ast.Name):
            return valeurs[noeud.id]
        if isinstance(noeud, ast.Constant) and isinstance(noeud.value, int):
            return Intervalle.exact(Fraction(noeud.value))
        raise ValueError(f"not a formula: {ast.unparse(noeud)}")

    return valeur(ast.parse(formule, mode="eval").body)


def noms(formule: str) -> list[str]:
    """Names of a formula, in order of appearance."""
    arbre = ast.walk(ast.parse(formule, mode="eval"))
    trouves = sorted((n.col_offset, n.id) for n in arbre if isinstance(n, ast.Name))
    return list(dict.fromkeys(nom for _, nom in trouves))


def fraction(valeur: float) -> Fraction:
    """The decimal number a float is written as, without what sums of floats leave beyond `PRECISION`.

    30.849999999999998 is 30.85, which prints 30,9.
    """
    return round(Fraction(repr(valeur)), PRECISION)


def arrondir(valeur: Fraction, decimales: int) -> Fraction:
    """Round half away from zero, as every figure shown to readers."""
    unite = Fraction(1, 10**decimales)
    entier = math.floor(abs(valeur) / unite + Fraction(1, 2)) * unite
    return entier if valeur >= 0 else -entier


def ecrire(valeur: Fraction, decimales: int | None = None) -> str:
    """Write a number in French: decimal comma, no thousands separator (these are also read by programs).

    Without `decimales`: as few as the number needs, two at most.
    """
    exposant = 2 if decimales is None else decimales
    arrondi = arrondir(valeur, exposant)
    texte = str(
        (Decimal(arrondi.numerator) / arrondi.denominator).quantize(
            Decimal(1).scaleb(-exposant), ROUND_HALF_UP
        )
    )
    if decimales is None and "." in texte:
        texte = texte.rstrip("0").rstrip(".")
    return texte.replace(".", ",")
