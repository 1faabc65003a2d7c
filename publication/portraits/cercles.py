"""Circles of a map of a count, for drawn and native maps: where they stand and how large they are.

Shaded, a count would show how wide communes are; the area of a circle is its figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi, sqrt

from publication.lecture.chiffres import Cellule
from publication.portraits.modele import Anneaux, Carte, Contours

_RAYON = 0.075
"""The largest circle has this radius at most, as a share of the shorter side of the map."""
_UNITE = 0.025
"""And so has the circle of one: three structures are no town."""
_ENCRE = 0.15
"""Circles cover this share of the map at most: were they all as large, they would hide it."""


@dataclass(frozen=True)
class Cercle:
    """A circle of a map, and the figure that its area is."""

    x: float
    y: float
    rayon: float
    code: str
    nom: str
    valeur: Cellule


def aire_et_centre(anneaux: Anneaux) -> tuple[float, float, float]:
    """Area and centre of gravity of the largest of these rings."""
    return max(_aire_et_centre(anneau) for anneau in anneaux)


def _aire_et_centre(anneau: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    aire = cx = cy = 0.0
    for (xa, ya), (xb, yb) in zip(anneau, (*anneau[1:], anneau[0]), strict=True):
        croix = xa * yb - xb * ya
        aire, cx, cy = aire + croix, cx + (xa + xb) * croix, cy + (ya + yb) * croix
    if not aire:
        return 0.0, *anneau[0]
    return abs(aire) / 2, cx / (3 * aire), cy / (3 * aire)


def rayons(carte: Carte, contours: Contours) -> Callable[[float], float]:
    """Return what gives the radius of the circle of a figure; only those that are shown say how large it is.

    100 200 400: areas of 1, 2 and 4, radii of 1, 1.4 and 2.
    """
    montres = [z.valeur.nombre for z in carte.zones if z.valeur.nombre]
    # A map of rates has none: those may be negative, and have no area.
    if not (carte.reperes and montres):
        return lambda _: 0.0
    grand = max(montres)
    cote = min(contours.largeur, contours.hauteur)
    plus_grand = min(
        _RAYON * cote,
        _UNITE * cote * sqrt(grand),
        sqrt(_ENCRE * contours.largeur * contours.hauteur * grand / (pi * sum(montres))),
    )
    return lambda nombre: plus_grand * sqrt(nombre / grand) if nombre > 0 else 0.0


def placer(carte: Carte, contours: Contours) -> list[Cercle]:
    """Return the circles, the largest first: none hides a smaller one. Zero has none."""
    cercles, rayon = [], rayons(carte, contours)
    for zone in carte.zones:
        anneaux = contours.communes.get(zone.code)
        if carte.reperes and anneaux and zone.valeur.nombre:
            _, x, y = aire_et_centre(anneaux)
            cercles.append(Cercle(x, y, rayon(zone.valeur.nombre), zone.code, zone.nom, zone.valeur))
    return sorted(cercles, key=lambda c: (-c.rayon, c.code))


def legende(carte: Carte, contours: Contours) -> list[tuple[float, str]]:
    """Return radius and words of the circles of the legend, the largest first."""
    rayon = rayons(carte, contours)
    return [(rayon(c.nombre or 0.0), c.texte) for c in carte.reperes]
