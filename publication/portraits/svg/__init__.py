"""Bars, shares, series and dots as SVG.

There is no graduated axis: every number is the `texte` of a cell beside its bar or its point. A cell without
a number is a mark that has no length, and no scale is reckoned from it.
"""

from publication.commun import apparence
from publication.portraits.modele import Comparaison, Dessine, Halteres, Parts, Reperes, Serie
from publication.portraits.svg.barres import comparaison, parts
from publication.portraits.svg.courbes import serie
from publication.portraits.svg.dessin import Dessin
from publication.portraits.svg.points import points


def dessiner(
    graphique: Dessine,
    bandeau: str | None = None,
    largeur: float = apparence.LARGEUR_GRAPHIQUE,
    petit: float = apparence.CORPS,
) -> str:
    """The chart as one `<svg>`, `largeur` pixels wide, with the banner of the document where it has one.

    `petit` is the size of its marks and legends.
    """
    dessin = Dessin(graphique, largeur, petit=petit)
    match graphique:
        case Comparaison():
            comparaison(dessin, graphique)
        case Parts():
            parts(dessin, graphique)
        case Serie():
            serie(dessin, graphique)
        case Halteres() | Reperes():
            points(dessin, graphique)
    return dessin.svg(bandeau)
