"""Charts of dots in native shapes: what `planches` lays out, one group that an editor can take apart."""

from collections.abc import Sequence
from dataclasses import replace

from publication.portraits import planches
from publication.portraits.modele import Halteres, Repere
from publication.portraits.planches import Filet, Marque, Mot
from publication.portraits.pptx.charte import Zone
from publication.portraits.pptx.couleurs import aplat, du_theme
from publication.portraits.pptx.gabarit import DECORATIF, boite, cadre, emu
from publication.portraits.pptx.texte import Alinea, attribut

_FORMES = {
    "circle": "ellipse",
    "square": "rect",
    "triangle": "triangle",
    "diamond": "diamond",
    "tick": "rect",
}
_ALIGNEMENTS = {"start": "l", "middle": "ctr", "end": "r"}


def hauteur_de(graphique: Halteres, largeur: float, corps: float, lettres: float) -> float:
    """Return the inches a chart needs, for a width in inches; `lettres`: how wide its letters are."""
    return planches.tracer(graphique, largeur / lettres * 72, corps).hauteur / 72


def dessiner(graphique: Halteres, identifiant: int, zone: Zone, corps: float, lettres: float) -> str:
    """Return a chart as one group, over a place: as high as it is where its lines fit in it."""
    planche = planches.tracer(graphique, zone.w / lettres * 72, corps, zone.h * 72)
    mots = (f"Graphique : {graphique.identifiant}", graphique.alternative)
    # Laid out for letters of Arial, then as wide as those of the template.
    return grouper([_elargir(trait, lettres) for trait in planche.traits], mots, identifiant, zone.x, zone.y)


def _elargir(trait: Filet | Marque | Mot, lettres: float) -> Filet | Marque | Mot:
    if isinstance(trait, Filet):
        return replace(trait, x=trait.x * lettres, x2=trait.x2 * lettres)
    return replace(trait, x=trait.x * lettres)


def bande(repere: Repere, identifiant: int, x: float, y: float, largeur: float, corps: float) -> list[str]:
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
