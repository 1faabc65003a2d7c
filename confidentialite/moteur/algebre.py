"""Sparse vectors modulo a prime: adding, reducing, spanning.

Belongs here: arithmetic that knows no forme. Does not: what is published (`espace.py`).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from operator import mul

from confidentialite.moteur.formes import Vecteur


def proches(vecteurs: Mapping[int, Vecteur], cellules: Set[int]) -> list[int]:
    """Names of the vectors that share a cell with `cellules`, or with one that does."""
    atteintes, restants, trouves = set(cellules), dict(vecteurs), list[int]()
    while voisins := [k for k, v in restants.items() if not atteintes.isdisjoint(v)]:
        trouves += voisins
        for k in voisins:
            atteintes |= restants.pop(k).keys()
    return trouves


def engendre(p: int, vecteurs: Iterable[Vecteur], cible: Vecteur) -> bool:
    """Whether a vector is a combination of others, modulo a prime."""
    base: dict[int, Vecteur] = {}

    def reduire(vecteur: Vecteur) -> Vecteur:
        reste = {c: v % p for c, v in vecteur.items()}
        # A vector of the base holds no pivot of those before it, so that this ends.
        while (pivot := next((c for c in reste if c in base), None)) is not None:
            ajouter(reste, base[pivot], -reste[pivot], p)
        return reste

    for vecteur in vecteurs:
        if reste := reduire(vecteur):
            pivot = min(reste)
            inverse = pow(reste[pivot], -1, p)
            base[pivot] = {c: v * inverse % p for c, v in reste.items()}
    return not reduire(cible)


class EngendreParPeu:
    """The span of a few short vectors modulo a prime: fewer than each has coordinates."""

    def __init__(self, p: int, vecteurs: Sequence[list[int]]) -> None:
        """Reduce the vectors once."""
        self._p = p
        self._base: list[tuple[int, list[int]]] = []
        for vecteur in vecteurs:
            reste = self._reduire(vecteur)
            pivot = next((j for j, v in enumerate(reste) if v), None)
            if pivot is not None:
                inverse = pow(reste[pivot], -1, p)
                self._base.append((pivot, [v * inverse % p for v in reste]))
        self._normale = self._orthogonale(len(vecteurs[0])) if vecteurs else []

    def _orthogonale(self, n: int) -> list[int]:
        """A vector that is orthogonal to the span: what is not orthogonal to it is outside."""
        pivots = {pivot for pivot, _ in self._base}
        normale = [int(j not in pivots) for j in range(n)]
        # A vector of the base is zero at the pivots of those before it.
        for pivot, base in reversed(self._base):
            normale[pivot] = -sum(map(mul, base, normale)) % self._p
        return normale

    def contient(self, vecteur: list[int]) -> bool:
        """Whether a vector is a combination of them."""
        return not sum(map(mul, vecteur, self._normale)) % self._p and not any(self._reduire(vecteur))

    def _reduire(self, vecteur: list[int]) -> list[int]:
        for pivot, base in self._base:
            if facteur := vecteur[pivot]:
                vecteur = [(a - facteur * b) % self._p for a, b in zip(vecteur, base, strict=True)]
        return vecteur


def soustraire(
    cible: Vecteur, autre: Vecteur, facteur: int, p: int, index: dict[int, set[int]], nom: int
) -> None:
    """cible -= facteur × autre, and the index of who holds which cell."""
    apparues, disparues = ajouter(cible, autre, -facteur, p)
    for cellule in disparues:
        index[cellule].discard(nom)
    for cellule in apparues:
        index[cellule].add(nom)


def reindexer(avant: Vecteur, apres: Vecteur, index: dict[int, set[int]], nom: int) -> None:
    """Correct the index of who holds which cell, where a vector is replaced."""
    for cellule in avant.keys() - apres.keys():
        index[cellule].discard(nom)
    for cellule in apres.keys() - avant.keys():
        index[cellule].add(nom)


def melanger(graine: int) -> int:
    """A well-spread 64-bit number for each small one (splitmix64), the same on every machine."""
    z = (graine + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return z ^ z >> 31


def ajouter(cible: Vecteur, autre: Vecteur, facteur: int, p: int) -> tuple[list[int], list[int]]:
    """cible += facteur × autre, in place, without zeros; the cells that appeared and those that went."""
    apparues, disparues = [], []
    for c, v in autre.items():
        avant = cible.get(c, 0)
        somme = (avant + facteur * v) % p
        if somme:
            cible[c] = somme
            if not avant:
                apparues.append(c)
        elif avant:
            del cible[c]
            disparues.append(c)
    return apparues, disparues
