"""What the order of a chain told of its counts, while it was made from them (before December 2026).

EPCI printed 0 0 0, the second largest last, by code after the first: it is under 3, and at least 1
Belongs here: that alone, for a table of one mesure. The order of today's chains tells nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Cellule:
    """A commune of a chain: what is printed of it, and the EPCI it stood with."""

    code: str
    epci: str | None
    imprime: int


Bornes = list[tuple[int, float]]
"""The least and the most that each cell of an EPCI may be."""


def possibles(chaine: Sequence[Cellule], pas: int) -> list[set[int]]:
    """Return the values that each count may have, to a reader of the figures and of their order.

    The answer is exact within each EPCI, over the residues of the running sums. Where counts were revised
    since, their order tells nothing, and every value stays possible.
    """
    blocs = [list(bloc) for _, bloc in groupby(chaine, key=lambda c: c.epci)]
    entrees: list[set[int]] = [set(range(pas))]
    allers: list[list[tuple[Bornes, list[set[int]]]]] = []
    for rang, bloc in enumerate(blocs):
        retourne = 0 < rang == len(blocs) - 1
        essais = [(b, _aller(bloc, b, entrees[-1], pas)) for b in _hypotheses(bloc, retourne, pas)]
        permis = [(b, aller) for b, aller in essais if aller[-1]]
        if not permis:
            sans = [(0, float("inf"))] * len(bloc)
            permis = [(sans, _aller(bloc, sans, entrees[-1], pas))]
        allers.append(permis)
        entrees.append(set().union(*(aller[-1] for _, aller in permis)))
    trouves: list[list[set[int]]] = []
    sortie = entrees[-1]
    for bloc, permis in zip(reversed(blocs), reversed(allers), strict=True):
        du_bloc: list[set[int]] = [set() for _ in bloc]
        entree: set[int] = set()
        for bornes, aller in permis:
            entree |= _retour(bloc, bornes, aller, sortie, du_bloc)
        trouves.append(du_bloc)
        sortie = entree
    return [valeurs for du_bloc in reversed(trouves) for valeurs in du_bloc]


def _hypotheses(bloc: Sequence[Cellule], retourne: bool, pas: int) -> Iterator[Bornes]:
    """Yield what the order tells, for each count that the second largest commune may have."""
    if len(bloc) == 1:
        yield [(0, float("inf"))]
        return
    grande, seconde = (len(bloc) - 1, 0) if retourne else (0, len(bloc) - 1)
    for b in range(max(0, bloc[seconde].imprime - pas + 1), bloc[seconde].imprime + pas):
        # Of equal counts, the first code stands for the largest.
        bornes: Bornes = [(0, b - (c.code < bloc[seconde].code)) for c in bloc]
        bornes[seconde] = (b, b)
        bornes[grande] = (b + (bloc[grande].code > bloc[seconde].code), float("inf"))
        yield bornes


def _aller(bloc: Sequence[Cellule], bornes: Bornes, entree: set[int], pas: int) -> list[set[int]]:
    residus = [entree]
    for cellule, (bas, haut) in zip(bloc, bornes, strict=True):
        avant = residus[-1]
        residus.append({q for q in range(pas) if any(bas <= cellule.imprime + q - p <= haut for p in avant)})
    return residus


def _retour(
    bloc: Sequence[Cellule],
    bornes: Bornes,
    aller: Sequence[set[int]],
    sortie: set[int],
    trouves: list[set[int]],
) -> set[int]:
    """Add to `trouves` the values of each cell on the paths that end in `sortie`; return their starts."""
    apres = aller[-1] & sortie
    for rang in reversed(range(len(bloc))):
        bas, haut = bornes[rang]
        couples = [
            (p, x) for q in apres for p in aller[rang] if bas <= (x := bloc[rang].imprime + q - p) <= haut
        ]
        trouves[rang] |= {x for _, x in couples}
        apres = {p for p, _ in couples}
    return apres
