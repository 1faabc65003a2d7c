"""Maps in native shapes: a commune is a shape, coloured and named, that an editor can change.

Belongs here: outlines and classes as shapes, and the legend. Does not: which map stands where.
"""

from collections.abc import Iterable

from publication.portraits import apparence
from publication.portraits.cartes import hachee, sans_classe
from publication.portraits.modele import Anneaux, Carte, Contours
from publication.portraits.pptx.couleurs import aplat, hachure
from publication.portraits.pptx.gabarit import cadre, emu
from publication.portraits.pptx.texte import Alinea, attribut, rvb

_BANDEAU = 0.28
"""Inches under a map for the banner, which goes where the map is copied."""
_FINESSE = 1000
"""Units of a shape in one unit of the outlines."""


def dessiner(
    carte: Carte,
    contours: Contours,
    bandeau: str | None,
    identifiant: int,
    x: float,
    y: float,
    largeur: float,
    hauteur: float,
) -> str:
    """Return the communes in one group, as large as the frame allows, in its middle, over the banner."""
    libre = hauteur - (_BANDEAU if bandeau else 0)
    echelle = min(largeur / contours.largeur, libre / contours.hauteur)
    w, h = contours.largeur * echelle, contours.hauteur * echelle
    x, y = x + (largeur - w) / 2, y + (libre - h) / 2
    teintes = apparence.classes(len(carte.classes)) if carte.classes else ()
    formes = []
    for rang, zone in enumerate(carte.zones, 1):
        anneaux = contours.communes.get(zone.code)
        if not anneaux:
            continue
        fond = hachure(hachee(zone)) if zone.classe is None else aplat(rvb(teintes[zone.classe]))
        mots = f"{zone.nom} : {zone.valeur.texte}" if zone.valeur.texte else zone.nom
        formes.append(_forme(identifiant + rang, zone.nom, mots, anneaux, fond, 6350))
    if contours.pourtour:
        formes.append(
            _forme(
                identifiant + len(carte.zones) + 1, "Pourtour", "", contours.pourtour, "<a:noFill/>", 19050
            )
        )
    etendue = contours.hauteur
    if bandeau:
        place = _BANDEAU / echelle
        formes.append(_mention(identifiant + len(carte.zones) + 2, bandeau, contours, place))
        h, etendue = h + _BANDEAU, etendue + place
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{identifiant}" name={attribut("Carte : " + carte.identifiant)} '
        f"descr={attribut(carte.alternative)}/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>"
        f'<a:off x="{emu(x)}" y="{emu(y)}"/><a:ext cx="{emu(w)}" cy="{emu(h)}"/>'
        f'<a:chOff x="0" y="0"/><a:chExt cx="{round(contours.largeur * _FINESSE)}" '
        f'cy="{round(etendue * _FINESSE)}"/></a:xfrm></p:grpSpPr>{"".join(formes)}</p:grpSp>'
    )


def _mention(identifiant: int, bandeau: str, contours: Contours, place: float) -> str:
    ou = (
        f'<a:off x="0" y="{round(contours.hauteur * _FINESSE)}"/>'
        f'<a:ext cx="{round(contours.largeur * _FINESSE)}" cy="{round(place * _FINESSE)}"/>'
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant}" name="Bandeau"/><p:cNvSpPr txBox="1"/><p:nvPr/>'
        "</p:nvSpPr>"
        f'<p:spPr><a:xfrm>{ou}</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>'
        '<p:txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"/><a:lstStyle/>'
        f"{Alinea(bandeau, 12, italique=True, alignement='ctr').xml()}</p:txBody></p:sp>"
    )


def _forme(identifiant: int, nom: str, mots: str, anneaux: Anneaux, fond: str, trait: int) -> str:
    points = [[(round(x * _FINESSE), round(y * _FINESSE)) for x, y in anneau] for anneau in anneaux]
    gauche, haut = min(x for a in points for x, _ in a), min(y for a in points for _, y in a)
    large = max(max(x for a in points for x, _ in a) - gauche, 1)
    long = max(max(y for a in points for _, y in a) - haut, 1)
    traces = "".join(_anneau([(x - gauche, y - haut) for x, y in a]) for a in points if len(a) > 2)
    decoratif = "" if mots else _DECORATIF
    return (
        "<p:sp><p:nvSpPr>"
        f'<p:cNvPr id="{identifiant}" name={attribut(nom)} descr={attribut(mots)}>{decoratif}</p:cNvPr>'
        f'<p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{gauche}" y="{haut}"/>'
        f'<a:ext cx="{large}" cy="{long}"/>'
        "</a:xfrm><a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
        '<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
        f'<a:path w="{large}" h="{long}">{traces}</a:path></a:pathLst></a:custGeom>{fond}'
        f'<a:ln w="{trait}">{aplat(rvb(apparence.CONTOUR))}<a:round/></a:ln></p:spPr></p:sp>'
    )


_DECORATIF = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)


def _anneau(points: list[tuple[int, int]]) -> str:
    (x, y), *suite = points
    lignes = "".join(f'<a:lnTo><a:pt x="{a}" y="{b}"/></a:lnTo>' for a, b in suite)
    return f'<a:moveTo><a:pt x="{x}" y="{y}"/></a:moveTo>{lignes}<a:close/>'


def legende(carte: Carte) -> list[tuple[str, str]]:
    """Return the fill and the words of each line of the legend: classes, then what shows no figure."""
    teintes = apparence.classes(len(carte.classes)) if carte.classes else ()
    lignes = [(aplat(rvb(teinte)), mots) for teinte, mots in zip(teintes, carte.classes, strict=True)]
    return lignes + [(hachure(statut), mots) for statut, mots, _ in sans_classe(carte)]


def dessiner_legende(lignes: Iterable[tuple[str, str]], identifiant: int, x: float, y: float) -> str:
    """Return the legend in one group, a line each 0.32 inch."""
    formes = []
    for rang, (fond, mots) in enumerate(lignes):
        haut = y + rang * 0.32
        formes.append(
            "<p:sp><p:nvSpPr>"
            "<p:cNvPr"
            f' id="{identifiant + 1 + 2 * rang}" name={attribut("Légende : " + mots)}>{_DECORATIF}</p:cNvPr>'
            f"<p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{cadre(x, haut + 0.03, 0.36, 0.22)}"
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{fond}'
            f'<a:ln w="6350">{aplat(rvb(apparence.CONTOUR))}</a:ln>'
            "</p:spPr></p:sp>"
            f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant + 2 + 2 * rang}" name="Légende"/>'
            '<p:cNvSpPr txBox="1"/><p:nvPr/>'
            f"</p:nvSpPr><p:spPr>{cadre(x + 0.46, haut, 3.6, 0.28)}"
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody>'
            '<a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle/>'
            f"{Alinea(mots, 12).xml()}</p:txBody></p:sp>"
        )
    hauteur = max(len(formes), 1) * 0.32
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{identifiant}" name="Légende" descr="Légende de la carte"/>'
        f'<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:ext cx="{emu(4.06)}" cy="{emu(hauteur)}"/><a:chOff x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:chExt cx="{emu(4.06)}" cy="{emu(hauteur)}"/></a:xfrm></p:grpSpPr>{"".join(formes)}</p:grpSp>'
    )
