"""The strokes charts and maps are made of, and the `<svg>` around them, with the words for who cannot see it.

Written by hand: an engine took 25 to 60 ms a chart, and only the `texte` of a cell can print a number.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from publication.commun import apparence
from publication.commun.apparence import (
    ACCENT,
    CORPS,
    ENCRE,
    ENCRE_DOUCE,
    OPACITE,
    PAPIER,
    Forme,
    Hachee,
)
from publication.commun.lettres import propre
from publication.lecture.chiffres import Cellule
from publication.lecture.statuts import NOMS
from publication.portraits.modele import Graphique
from publication.portraits.planches import Alignement

INTERLIGNE = 14
_MOUSTACHE = 6
"""Pixels under which an interval is a blot on the end of its bar, or on its point: a table says it."""
CASE = 11
"""Side of the square that stands for a figure not shown."""


def nombre(valeur: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{round(valeur, 1) + 0.0:.1f}".removesuffix(".0")


def identifiant(graphique: Graphique) -> str:
    """What the ids of a chart begin with."""
    return re.sub(r"[^\w.-]", "-", graphique.identifiant)


@dataclass(frozen=True)
class Echelle:
    """Values from `bas` to `haut`, set from `debut` to `fin` in pixels."""

    bas: float
    haut: float
    debut: float
    fin: float

    def __call__(self, valeur: float) -> float:
        """Where a value is."""
        return self.debut + (valeur - self.bas) / (self.haut - self.bas) * (self.fin - self.debut)


@dataclass
class Dessin:
    """Strokes in the order they are painted, in pixels from the top left."""

    graphique: Graphique
    largeur: float
    hauteur: float = 0
    petit: float = CORPS
    """Size of what is no figure: marks, legends, names on a map, the banner."""
    traces: list[tuple[str, str, str]] = field(default_factory=list)
    """Of each stroke: its element and where it is, what it looks like, its end."""
    motifs: dict[str, str] = field(default_factory=dict)

    def tracer(self, debut: str, aspect: str = "", fin: str = "/>") -> None:
        """Paint one more element: `<rect x="1"`, ` fill="#fff"`, `/>`."""
        self.traces.append((debut, aspect, fin))

    def rectangle(
        self,
        x: float,
        y: float,
        x2: float,
        y2: float,
        fond: str,
        bord: str | None = None,
        epaisseur: float = 1,
    ) -> None:
        """Between two corners, in any order."""
        contour = f' stroke="{bord}" stroke-width="{nombre(epaisseur)}"' if bord else ""
        self.tracer(
            f'<rect x="{nombre(min(x, x2))}" y="{nombre(min(y, y2))}" width="{nombre(abs(x2 - x))}" '
            f'height="{nombre(abs(y2 - y))}"',
            f' fill="{fond}"{contour}',
        )

    def trait(
        self,
        points: Sequence[tuple[float, float]],
        couleur: str = ENCRE,
        epaisseur: float = 1,
        tirets: Iterable[float] = (),
    ) -> None:
        """A line through points."""
        suite = "L".join(f"{nombre(x)},{nombre(y)}" for x, y in points)
        pointille = " ".join(nombre(t) for t in tirets)
        self.tracer(
            f'<path d="M{suite}"',
            f' fill="none" stroke="{couleur}" stroke-width="{nombre(epaisseur)}"'
            + (f' stroke-dasharray="{pointille}"' if pointille else ""),
        )

    def moustache(
        self, bouts: Sequence[tuple[float, float]], epaisseur: float, couleur: str, demi: float = 5
    ) -> None:
        """An interval between two points, lying or standing, with a cap at each end; none too short."""
        (xa, ya), (xb, yb) = bouts
        if abs(xb - xa) + abs(yb - ya) < _MOUSTACHE:
            return
        couche = ya == yb
        self.trait(bouts, couleur, epaisseur)
        for x, y in ((xa, ya), (xb, yb)):
            cap = [(x, y - demi), (x, y + demi)] if couche else [(x - demi, y), (x + demi, y)]
            self.trait(cap, couleur, epaisseur)

    def rond(self, x: float, y: float, rayon: float, fond: str, bord: str) -> None:
        """A point of a series."""
        self.tracer(
            f'<circle cx="{nombre(x)}" cy="{nombre(y)}" r="{nombre(rayon)}"',
            f' fill="{fond}" stroke="{bord}" stroke-width="1.3"',
        )

    def repere(self, x: float, y: float, rayon: float, forme: Forme, fond: str, bord: str) -> None:
        """A point whose shape says whose figure it is; a tick has no outline."""
        if forme == "circle":
            self.rond(x, y, rayon, fond, bord)
            return
        coins: dict[Forme, tuple[tuple[float, float], ...]] = {
            "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
            "triangle": ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
            "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
            "tick": ((-0.3, -1.7), (0.3, -1.7), (0.3, 1.7), (-0.3, 1.7)),
        }
        suite = "L".join(f"{nombre(x + a * rayon)},{nombre(y + b * rayon)}" for a, b in coins[forme])
        self.tracer(f'<path d="M{suite}z"', f' fill="{fond}" stroke="{bord}" stroke-width="1"')

    def cercle(self, x: float, y: float, rayon: float) -> None:
        """A figure of a map, whose area it is; what lies under it is seen through."""
        self.tracer(
            f'<circle cx="{nombre(x)}" cy="{nombre(y)}" r="{nombre(rayon)}"',
            f' fill="{ACCENT}" fill-opacity="{OPACITE:g}" stroke="{PAPIER}" stroke-width="0.8"',
        )

    def texte(
        self,
        x: float,
        y: float,
        texte: str | Sequence[str],
        align: Alignement = "start",
        gras: bool = False,
        corps: float = CORPS,
        couleur: str = ENCRE,
        italique: bool = False,
        halo: bool = False,
    ) -> None:
        """One line, or several, whose middle is at `y`; `halo` sets it off from what it is written over."""
        lignes = [texte] if isinstance(texte, str) else texte
        haut = y - INTERLIGNE * (len(lignes) - 1) / 2 + corps * 0.35
        attributs = f' fill="{couleur}"' if couleur != ENCRE else ""
        attributs += f' text-anchor="{align}"' if align != "start" else ""
        attributs += ' font-weight="bold"' if gras else ""
        attributs += f' font-size="{corps:g}"' if corps != CORPS else ""
        attributs += ' font-style="italic"' if italique else ""
        if halo:
            attributs += f' stroke="{PAPIER}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
        for rang, ligne in enumerate(lignes):
            self.tracer(
                f'<text x="{nombre(x)}" y="{nombre(haut + INTERLIGNE * rang)}"',
                attributs,
                f">{escape(propre(ligne))}</text>",
            )

    def hachure(self, quoi: Hachee) -> str:
        """The fill of a figure not shown, by its statut, or of one in no class."""
        nom = f"{identifiant(self.graphique)}-{quoi}"
        h = apparence.HACHURES[quoi]
        fond = apparence.PAPIER_DOUX if quoi == "incertain" else PAPIER
        self.motifs[nom] = (
            f'<pattern id="{nom}" width="{h.pas:g}" height="{h.pas:g}" patternUnits="userSpaceOnUse">'
            f'<rect width="{h.pas:g}" height="{h.pas:g}" fill="{fond}"/>'
            f'<path d="{h.trace}" stroke="{ENCRE_DOUCE}" stroke-width="{h.epaisseur:g}" fill="none"/>'
            "</pattern>"
        )
        return f"url(#{nom})"

    def partie(self, rang: int) -> str:
        """The fill of the part of a whole of this rank: plain, then hatched once colours are used up."""
        tour, reste = divmod(rang, len(apparence.PARTS))
        couleur = apparence.PARTS[reste]
        if not tour:
            return couleur
        nom, pas = f"{identifiant(self.graphique)}-partie-{rang}", 3 + 3 * tour
        self.motifs[nom] = (
            f'<pattern id="{nom}" width="{pas}" height="{pas}" patternUnits="userSpaceOnUse">'
            f'<rect width="{pas}" height="{pas}" fill="{couleur}"/>'
            f'<path d="M0,{pas} l{pas},-{pas}" stroke="{PAPIER}" stroke-width="1.2"/></pattern>'
        )
        return f"url(#{nom})"

    def marque(self, x: float, y: float, cellule: Cellule) -> float:
        """A hatched square for a figure not shown, left middle at (x, y); returns where words may begin."""
        if cellule.statut is None or cellule.statut not in apparence.MARQUES:
            return x
        fond = self.hachure(cellule.statut)
        self.rectangle(x, y - CASE / 2, x + CASE, y + CASE / 2, fond, apparence.CONTOUR, 0.8)
        return x + CASE + 6

    def svg(self, bandeau: str | None) -> str:
        """The drawing as an image with a name and a description; the banner stands at its foot."""
        if bandeau:
            self.hauteur += 18
            self.texte(0, self.hauteur - 8, bandeau, corps=self.petit, italique=True)
        ident, w, h = identifiant(self.graphique), nombre(self.largeur), nombre(self.hauteur)
        motifs = "".join(self.motifs.values())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{ident}-dessin" role="img" '
            f'aria-labelledby="{ident}-nom" aria-describedby="{ident}-mots" '
            f'width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
            f'<title id="{ident}-nom">{escape(propre(self.graphique.titre))}</title>'
            f'<desc id="{ident}-mots">{escape(propre(self.graphique.alternative))}</desc>'
            + (f"<defs>{motifs}</defs>" if motifs else "")
            + f'<rect width="{w}" height="{h}" fill="{PAPIER}"/>'
            f'<g font-family="{apparence.POLICE}" font-size="{CORPS:g}" fill="{ENCRE}">'
            + self._peints()
            + "</g></svg>"
        )

    def _peints(self) -> str:
        """Write the strokes; those that follow each other and look alike say it once, around them."""
        morceaux = []
        for aspect, suite in groupby(self.traces, key=lambda trace: trace[1]):
            siens = [(debut, fin) for debut, _, fin in suite]
            if aspect and len(siens) > 1:
                morceaux.append(f"<g{aspect}>{''.join(map(''.join, siens))}</g>")
            else:
                morceaux += [f"{debut}{aspect}{fin}" for debut, fin in siens]
        return "".join(morceaux)


def mention(cellule: Cellule) -> str:
    """What is written where a figure is not shown: "s (secret statistique)"."""
    if cellule.statut is not None and cellule.statut in apparence.MARQUES:
        return f"{cellule.texte} ({NOMS[cellule.statut]})"
    return cellule.texte
