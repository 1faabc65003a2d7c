"""Charts of dots in native shapes: what `planches` lays out, one group that an editor can take apart."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from publication.portraits import planches
from publication.portraits.modele import Halteres, Repere, Reperes
from publication.portraits.planches import Filet, Marque, Mot
from publication.portraits.pptx.couleurs import aplat, du_theme
from publication.portraits.pptx.gabarit import DECORATIF, boite, cadre, emu
from publication.portraits.pptx.texte import Alinea, attribut

Points = Halteres | Reperes

CORPS = 16
"""Size of what is written on a slide."""
_FORMES = {
    "circle": "ellipse",
    "square": "rect",
    "triangle": "triangle",
    "diamond": "diamond",
    "tick": "rect",
}
_ALIGNEMENTS = {"start": "l", "middle": "ctr", "end": "r"}


def hauteur_de(graphique: Points, largeur: float, corps: float = CORPS) -> float:
    """Return the inches a chart needs, for a width in inches."""
    return planches.tracer(graphique, largeur * 72, corps).hauteur / 72


def tranches(graphique: Points, largeur: float, hauteur: float, corps: float = CORPS) -> Sequence[Points]:
    """Return a chart in as many as its lines need to fit in frames of this size, as many lines in each.

    Eleven lines where eight fit: six and five.
    """
    lignes, morceaux = len(graphique.lignes), [graphique]
    for nombre in range(1, lignes + 1):
        pas = ceil(lignes / nombre)
        morceaux = [_extrait(graphique, debut, debut + pas) for debut in range(0, lignes, pas)]
        if all(hauteur_de(m, largeur, corps) <= hauteur for m in morceaux):
            break
    return morceaux


def _extrait(graphique: Points, debut: int, fin: int) -> Points:
    if isinstance(graphique, Halteres):
        return replace(graphique, lignes=graphique.lignes[debut:fin])
    return replace(graphique, lignes=graphique.lignes[debut:fin])


def dessiner(
    graphique: Points,
    identifiant: int,
    x: float,
    y: float,
    largeur: float,
    hauteur: float = 0.0,
    corps: float = CORPS,
) -> str:
    """Return a chart as one group, from (x, y) in inches: as high as `hauteur` where its lines fit in it."""
    planche = planches.tracer(graphique, largeur * 72, corps, hauteur * 72)
    mots = (f"Graphique : {graphique.identifiant}", graphique.alternative)
    return grouper(planche.traits, mots, identifiant, x, y)


def bande(
    repere: Repere, identifiant: int, x: float, y: float, largeur: float, corps: float = CORPS
) -> list[str]:
    """Return the dots of one key figure around `y`, as shapes numbered from `identifiant` on."""
    traits = planches.bande(repere, x * 72, y * 72, largeur * 72, corps)
    return [_forme(trait, identifiant + rang, 0, 0) for rang, trait in enumerate(traits)]


def grouper(
    traits: Sequence[Filet | Marque | Mot], mots: tuple[str, str], identifiant: int, x: float, y: float
) -> str:
    """Return strokes and words, in points from (x, y), as one group; `mots`: its name, what it says."""
    boites = [_etendue(trait) for trait in traits]
    gauche, haut = min(b[0] for b in boites) / 72, min(b[1] for b in boites) / 72
    droite, bas = max(b[2] for b in boites) / 72, max(b[3] for b in boites) / 72
    formes = "".join(_forme(trait, identifiant + rang, x, y) for rang, trait in enumerate(traits, 1))
    ou = (
        cadre(x + gauche, y + haut, droite - gauche, bas - haut)
        .removeprefix("<a:xfrm>")
        .removesuffix("</a:xfrm>")
    )
    enfants = ou.replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{identifiant}" '
        f"name={attribut(mots[0])} descr={attribut(mots[1])}/>"
        f"<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>{ou}{enfants}</a:xfrm></p:grpSpPr>"
        f"{formes}</p:grpSp>"
    )


def _etendue(trait: Filet | Marque | Mot) -> tuple[float, float, float, float]:
    match trait:
        case Mot():
            demi = trait.corps * 0.6
            return trait.gauche, trait.y - demi, trait.gauche + trait.largeur, trait.y + demi
        case Marque():
            r = trait.rayon * 1.7 if trait.forme == "tick" else trait.rayon
            return trait.x - r, trait.y - r, trait.x + r, trait.y + r
        case Filet():
            return (
                min(trait.x, trait.x2),
                min(trait.y, trait.y2),
                max(trait.x, trait.x2),
                max(trait.y, trait.y2),
            )


def _forme(trait: Filet | Marque | Mot, identifiant: int, x: float, y: float) -> str:
    match trait:
        case Mot():
            large, haut = trait.largeur, trait.corps * 1.2
            ou = cadre(x + trait.gauche / 72, y + (trait.y - haut / 2) / 72, large / 72, haut / 72)
            dit = Alinea(
                trait.texte,
                trait.corps,
                trait.gras,
                couleur=du_theme(trait.couleur),
                alignement=_ALIGNEMENTS[trait.align],
            )
            return boite(identifiant, "Étiquette", ou, [dit], "ctr", retour="none")
        case Filet():
            gauche, haut = min(trait.x, trait.x2), min(trait.y, trait.y2)
            ou = cadre(
                x + gauche / 72, y + haut / 72, abs(trait.x2 - trait.x) / 72, abs(trait.y2 - trait.y) / 72
            )
            if (trait.x2 - trait.x) * (trait.y2 - trait.y) < 0:
                ou = ou.replace("<a:xfrm>", '<a:xfrm flipV="1">')
            return (
                f'<p:cxnSp><p:nvCxnSpPr><p:cNvPr id="{identifiant}" name="Trait">{DECORATIF}</p:cNvPr>'
                "<p:cNvCxnSpPr/><p:nvPr/>"
                f'</p:nvCxnSpPr><p:spPr>{ou}<a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
                f'<a:ln w="{emu(trait.epaisseur / 72)}">{aplat(du_theme(trait.couleur))}</a:ln></p:spPr>'
                "</p:cxnSp>"
            )
        case Marque():
            r, forme = trait.rayon / 72, trait.forme
            large, haut = (0.3 * r, 1.7 * r) if forme == "tick" else (r, r)
            ou = cadre(x + trait.x / 72 - large, y + trait.y / 72 - haut, 2 * large, 2 * haut)
            return (
                f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant}" name="Point">{DECORATIF}</p:cNvPr>'
                "<p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
                f'<p:spPr>{ou}<a:prstGeom prst="{_FORMES[forme]}"><a:avLst/></a:prstGeom>'
                f'{aplat(du_theme(trait.fond))}<a:ln w="19050">{aplat(du_theme(trait.bord))}</a:ln></p:spPr>'
                "</p:sp>"
            )
