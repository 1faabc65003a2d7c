"""The axis of a series and the runs of its lines, the same for drawn and native charts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from publication.lecture.chiffres import Cellule
from publication.portraits.modele import Ligne, Serie

NOTE = "L'échelle ne part pas de zéro."
"""Printed with each axis that is cut (`coupee`)."""

_INTERVALLES = 5
"""About as many steps between the ends of an axis."""
_JEU = 0.12
"""Share of what is shown that is left over it, and under it where the axis is cut: labels stand there."""


def coupee(nombres: Iterable[float]) -> bool:
    """Say whether an axis begins elsewhere than at zero: from there, the lines would lie flat at its top."""
    nombres = list(nombres)
    return bool(nombres) and min(nombres) > 0 and min(nombres) >= max(nombres) / 2


def nombres(serie: Serie) -> list[float]:
    """Return every number that is drawn, ends of intervals included."""
    return [
        n
        for ligne in serie.lignes
        for c in ligne.valeurs
        if c is not None and c.nombre is not None
        for n in (c.nombre, c.basse, c.haute)
        if n is not None
    ]


@dataclass(frozen=True)
class Axe:
    """From `bas` to `haut` by `pas`, all three round."""

    bas: float
    haut: float
    pas: float

    def part(self, nombre: float) -> float:
        """Return how high a number is, as a share of the axis."""
        return (nombre - self.bas) / (self.haut - self.bas)

    @property
    def decimales(self) -> int:
        """With how many decimals its steps are printed."""
        return max(0, -floor(log10(self.pas)))


def graduer(nombres: Iterable[float]) -> Axe | None:
    """Return an axis by steps of 1, 2 or 5 times a power of ten; None where there is nothing to show.

    41.6 to 64.3: from 30 to 70 by 10.
    """
    nombres = list(nombres)
    if not nombres:
        return None
    bas, haut = min(nombres), max(nombres)
    sous_zero, sur_zero = bas < 0, haut > 0
    if not coupee(nombres):
        bas, haut = min(bas, 0.0), max(haut, 0.0)
    jeu = (haut - bas) * _JEU or abs(haut) * 0.1 or 1.0
    haut += jeu if sur_zero or haut == bas else 0
    bas -= jeu if sous_zero or bas > 0 else 0
    voulu = (haut - bas) / _INTERVALLES
    dizaine = 10.0 ** floor(log10(voulu))
    pas = next(p * dizaine for p in (1, 2, 5, 10) if p * dizaine >= voulu * 0.999)
    debut, fin = floor(bas / pas + 1e-9) * pas, ceil(haut / pas - 1e-9) * pas
    return Axe(round(debut, 9), round(fin, 9), round(pas, 9))


def morceaux(serie: Serie, ligne: Ligne) -> list[list[tuple[int, Cellule, float]]]:
    """Return the runs of a line that are joined: years, cells and their numbers.

    A segment joins two figures that follow one another, however many years apart, and says nothing of those
    between; a break alone cuts.

    2008 13.2   2011 13.7   break 2013   2013 14.3      two runs: 2008 and 2011, then 2013
    """
    runs: list[list[tuple[int, Cellule, float]]] = []
    for annee, cellule in zip(serie.annees, ligne.valeurs, strict=True):
        if cellule is None or cellule.nombre is None:
            continue
        if not runs or rompue(serie, runs[-1][-1][0], annee):
            runs.append([])
        runs[-1].append((annee, cellule, cellule.nombre))
    return runs


def creux(runs: Iterable[Sequence[tuple[int, Cellule, float]]]) -> set[int]:
    """Return the years when a line is lower than before and after: over such a point it crosses a label."""
    trouves = set()
    for run in runs:
        for rang, (annee, _, ici) in enumerate(run):
            voisins = [n for _, _, n in (*run[max(rang - 1, 0) : rang], *run[rang + 1 : rang + 2])]
            if voisins and all(n > ici for n in voisins):
                trouves.add(annee)
    return trouves


def rompue(serie: Serie, avant: int, apres: int) -> bool:
    """Say whether a break stands between two years."""
    return any(avant < r.annee <= apres for r in serie.ruptures)


def depart(serie: Serie, ligne: Ligne) -> tuple[int, Cellule] | None:
    """Return where a line that is a scenario from end to end leaves from: the last figure that was observed.

    It is the last of the first line before the scenario; None where a line has a past of its own, or where a
    break parts it from that figure.
    """
    if serie.projection is None or ligne is serie.lignes[0]:
        return None
    observees = list(_montrees(serie, serie.lignes[0], serie.projection))
    premiere = next((annee for annee, _ in _montrees(serie, ligne, None)), None)
    if not observees or premiere is None or premiere < serie.projection:
        return None
    return None if rompue(serie, observees[-1][0], premiere) else observees[-1]


def _montrees(serie: Serie, ligne: Ligne, avant: int | None) -> Iterator[tuple[int, Cellule]]:
    for annee, cellule in zip(serie.annees, ligne.valeurs, strict=True):
        if cellule is not None and cellule.nombre is not None and (avant is None or annee < avant):
            yield annee, cellule


def ecarter(places: Sequence[tuple[float, float]], haut: float, bas: float, jeu: float) -> list[float]:
    """Return where texts begin, given the middle that is wanted and the height of each, from top to bottom.

    None begins over `haut`, `jeu` is left between two, and what would go under `bas` pushes back up what is
    above it.
    """
    debuts: list[float] = []
    for milieu, hauteur in places:
        debuts.append(max(milieu - hauteur / 2, haut))
        haut = debuts[-1] + hauteur + jeu
    for rang in reversed(range(len(debuts))):
        debuts[rang] = min(debuts[rang], bas - places[rang][1])
        bas = debuts[rang] - jeu
    return debuts


def valeur_en(serie: Serie, ligne: Ligne, annee: int) -> float | None:
    """Return how high a line passes in a year, between two figures too; None where it does not."""
    for run in morceaux(serie, ligne):
        if len(run) == 1 and run[0][0] == annee:
            return run[0][2]
        for (a, _, avant), (b, _, apres) in pairwise(run):
            if a <= annee <= b:
                return avant + (apres - avant) * (annee - a) / (b - a)
    return None
