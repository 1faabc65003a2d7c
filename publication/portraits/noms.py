"""Names of communes on a map, where they find room: the same for drawn and native maps.

Lengths are points of type, from the top left of the map.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from publication.commun.lettres import largeur
from publication.portraits import cercles
from publication.portraits.modele import Carte, Contours

_TOUTES = 12
"""A map of so many communes names them all; of more, the main ones (`_PRINCIPALES`)."""
_PRINCIPALES = 9
_ENCRE = 0.1
"""Share of the map's frame that the names of the main communes cover at most: a small map has fewer."""
_HAUT = 1.15
"""Height of a name, in sizes of type."""


@dataclass(frozen=True)
class Nom:
    """A name, and its middle."""

    x: float
    y: float
    texte: str


@dataclass(frozen=True)
class _Boite:
    x: float
    y: float
    demi: float
    haut: float

    def touche(self, autre: "_Boite") -> bool:
        return (
            abs(self.x - autre.x) < self.demi + autre.demi and abs(self.y - autre.y) < self.haut + autre.haut
        )


def placer(carte: Carte, contours: Contours, echelle: float, corps: float, debord: float) -> list[Nom]:
    """Return names that touch no other: those of the highest counts, or of the most peopled communes.

    `echelle`: points in a unit of the outlines; `debord`: how far a name may reach beyond the map's sides. A
    name that covers a large circle is a last resort.
    """
    rayon = cercles.rayons(carte, contours)
    zones = {z.code: z for z in carte.zones if z.code in contours.communes}
    ordre = [code for code in dict.fromkeys((*contours.principales, *zones)) if code in zones]
    if carte.reperes:
        ordre = sorted(ordre, key=lambda code: -(zones[code].valeur.nombre or 0.0))
    toutes = len(zones) <= _TOUTES
    ronds = [
        _Boite(c.x * echelle, c.y * echelle, c.rayon * echelle * 0.8, c.rayon * echelle * 0.8)
        for c in cercles.placer(carte, contours)
        if c.rayon * echelle > corps / 2
    ]
    reste = _ENCRE * contours.largeur * contours.hauteur * echelle**2
    noms: list[Nom] = []
    prises: list[_Boite] = []
    for code in ordre:
        zone = zones[code]
        if len(noms) == _PRINCIPALES and not toutes:
            break
        if carte.reperes and not zone.valeur.nombre and not toutes:
            continue
        _, x, y = cercles.aire_et_centre(contours.communes[code])
        demi = largeur(zone.nom, corps) / 2 + 2
        places = [
            _Boite(
                min(max(ici, demi - debord), contours.largeur * echelle + debord - demi),
                la,
                demi,
                corps * _HAUT / 2,
            )
            for ici, la in _autour(
                x * echelle, y * echelle, rayon(zone.valeur.nombre or 0.0) * echelle, demi, corps
            )
        ]
        libres = [p for p in places if not any(map(p.touche, prises))]
        choisie = next((p for p in libres if not any(map(p.touche, ronds))), next(iter(libres), None))
        if choisie is not None and (toutes or reste > 0):
            reste -= 4 * choisie.demi * choisie.haut
            prises.append(choisie)
            noms.append(Nom(choisie.x, choisie.y, zone.nom))
    return noms


def _autour(x: float, y: float, rayon: float, demi: float, corps: float) -> Iterator[tuple[float, float]]:
    """Places for a name, the best first: over its commune, or beside its circle, then further."""
    if not rayon:
        yield x, y
    for pas in (1, 2):
        vertical = rayon + corps * (0.65 if rayon and pas == 1 else 0.65 * pas + 0.3)
        yield x, y + vertical
        yield x, y - vertical
        yield x + rayon + demi, y + (pas - 1) * corps
        yield x - rayon - demi, y - (pas - 1) * corps
