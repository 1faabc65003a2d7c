"""Charts of dots as SVG: what `planches` lays out."""

from publication.commun.apparence import CORPS
from publication.portraits import planches
from publication.portraits.modele import Halteres, Reperes
from publication.portraits.planches import Filet, Marque, Mot
from publication.portraits.svg.dessin import Dessin


def points(dessin: Dessin, graphique: Halteres | Reperes) -> None:
    """Draw dumbbells, or key figures."""
    planche = planches.tracer(graphique, dessin.largeur - 4, CORPS)
    for trait in planche.traits:
        tracer(dessin, trait)
    dessin.hauteur = planche.hauteur + 4


def tracer(dessin: Dessin, trait: Filet | Marque | Mot) -> None:
    """Draw one stroke, or write one word."""
    match trait:
        case Filet():
            dessin.trait([(trait.x, trait.y), (trait.x2, trait.y2)], trait.couleur, trait.epaisseur)
        case Marque():
            dessin.repere(trait.x, trait.y, trait.rayon, trait.forme, trait.fond, trait.bord)
        case Mot():
            dessin.texte(
                trait.x,
                trait.y,
                trait.texte,
                trait.align,
                trait.gras,
                trait.corps,
                trait.couleur,
            )
