"""The classes of a map: round breaks, as printed; each class begins where the one before it ends."""

import statistics
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from publication.lecture.chiffres import Cellule
from socle.affichage import Unite, afficher

_AU_PLUS = 5
_PAS = (1.0, 2.0, 2.5, 5.0)
"""Times a power of ten: breaks are multiples of it."""


@dataclass(frozen=True)
class Classes:
    """Between 10, 15 and 20: under 10, 10 to under 15, 15 to under 20, 20 and more."""

    bornes: tuple[float, ...]

    def rang(self, nombre: float) -> int:
        """Return the class of a figure; a break is the lowest of the class over it."""
        return bisect_right(self.bornes, nombre)

    def rang_de(self, cellule: Cellule) -> int | None:
        """Return the class of what a cell shows: where it is no point, that of both its bounds, or none."""
        if cellule.nombre is not None:
            return self.rang(cellule.nombre)
        if cellule.basse is None or cellule.haute is None:
            return None
        basse, haute = self.rang(cellule.basse), self.rang(cellule.haute)
        return basse if basse == haute else None

    def mots(self, unite: Unite) -> tuple[str, ...]:
        """Word the classes: « moins de 10 % », « 10 à 15 % », « 15 % et plus »."""
        decimales = next(d for d in range(10) if all(round(b, d) == b for b in self.bornes))
        dits = [afficher(borne, unite, decimales) for borne in self.bornes]
        nus = [dit.removesuffix(unite.apres) for dit in dits]
        entre = [f"{bas} à {haut}" for bas, haut in zip(nus, dits[1:], strict=False)]
        return (f"moins de {dits[0]}", *entre, f"{dits[-1]} et plus")


def classer(nombres: Sequence[float], decimales: int) -> Classes | None:
    """Return at most five classes of these figures, none of them empty; None where they make but one.

    No break has more `decimales` than figures are printed with: what is printed tells the class of a commune.
    Steps are those of eight in ten: one apart from all others is in the last class or the first.
    8.6 to 22.3: under 10, 10 to 15, 15 to 20, 20 and more.
    """
    if len(set(nombres)) < 2:
        return None
    deciles = statistics.quantiles(nombres, n=10, method="inclusive")
    bas, haut = deciles[0], deciles[-1]
    if bas == haut:
        bas, haut = min(nombres), max(nombres)
    bornes = _sans_vide(_bornes(bas, haut, decimales), nombres)
    return Classes(bornes) if bornes else None


def _bornes(bas: float, haut: float, decimales: int) -> tuple[float, ...]:
    """The multiples over `bas`, up to `haut`, of the smallest round step that makes few enough classes."""
    exposant = floor(log10(haut - bas)) - 2
    while True:
        for pas in (p * 10.0**exposant for p in _PAS):
            if abs(round(pas, decimales) - pas) > pas * 1e-9:
                continue
            premier, dernier = floor(bas / pas + 1e-9) + 1, ceil(haut / pas - 1e-9)
            dernier = dernier if dernier * pas <= haut + 1e-9 * pas else dernier - 1
            if dernier - premier + 1 < _AU_PLUS:
                return tuple(round(n * pas, 9) for n in range(premier, dernier + 1))
        exposant += 1


def _sans_vide(bornes: tuple[float, ...], nombres: Sequence[float]) -> tuple[float, ...]:
    """The breaks without those of a class that holds nothing: it becomes a part of the one over it."""
    prises = {bisect_right(bornes, nombre) for nombre in nombres}
    for rang in range(len(bornes) + 1):
        if rang not in prises:
            retiree = min(rang, len(bornes) - 1)
            return _sans_vide((*bornes[:retiree], *bornes[retiree + 1 :]), nombres)
    return bornes
