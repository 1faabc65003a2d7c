"""Maps in native shapes: a commune is a shape, coloured and named, that an editor can change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publication.commun import apparence
from publication.portraits import cercles, noms
from publication.portraits.cercles import Cercle
from publication.portraits.modele import Anneaux, Carte, Contours, Zone
from publication.portraits.noms import Nom
from publication.portraits.pptx.couleurs import aplat, hachure
from publication.portraits.pptx.gabarit import DECORATIF, boite, cadre, emu
from publication.portraits.pptx.texte import Alinea, attribut, rvb, theme
from publication.portraits.pptx.texte import largeur as largeur_du_texte
from publication.portraits.svg.cartes import LIMITES, hachee, hachures

_FINESSE = 1000
"""Units of a shape in one unit of the outlines."""


def echelle_de(contours: Contours, largeur: float, hauteur: float) -> float:
    """Return how many inches a unit of the outlines takes in a frame."""
    return min(largeur / contours.largeur, hauteur / contours.hauteur)


def dessiner(
    carte: Carte,
    contours: Contours,
    identifiant: int,
    x: float,
    y: float,
    largeur: float,
    hauteur: float,
    corps: float,
) -> str:
    """Return the communes in one group, as large as the frame allows, in its middle."""
    echelle = echelle_de(contours, largeur, hauteur)
    w, h = contours.largeur * echelle, contours.hauteur * echelle
    x, y = x + (largeur - w) / 2, y + (hauteur - h) / 2
    teintes = apparence.classes(len(carte.classes)) if carte.classes else ()
    formes = []
    for rang, zone in enumerate(carte.zones, 1):
        anneaux = contours.communes.get(zone.code)
        if not anneaux:
            continue
        fond = _fond(carte, zone, teintes)
        mots = f"{zone.nom} : {zone.valeur.texte}" if zone.valeur.texte else zone.nom
        formes.append(_forme(identifiant + rang, zone.nom, mots, anneaux, fond, 6350))
    libre_ensuite = identifiant + len(carte.zones) + 1
    for nom, anneaux, trait in (
        ("Limites des EPCI", contours.epci, 12700),
        ("Pourtour", contours.pourtour, 19050),
    ):
        if anneaux:
            formes.append(_forme(libre_ensuite, nom, "", anneaux, "<a:noFill/>", trait, apparence.ENCRE))
            libre_ensuite += 1
    for cercle in cercles.placer(carte, contours):
        formes.append(_cercle(libre_ensuite, cercle))
        libre_ensuite += 1
    for ecrit in noms.placer(carte, contours, echelle * 72, corps, (largeur - w) / 2 * 72):
        formes.append(_nom(libre_ensuite, ecrit, echelle, corps))
        libre_ensuite += 1
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{identifiant}" name={attribut("Carte : " + carte.identifiant)} '
        f"descr={attribut(carte.alternative)}/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>"
        f'<a:off x="{emu(x)}" y="{emu(y)}"/><a:ext cx="{emu(w)}" cy="{emu(h)}"/>'
        f'<a:chOff x="0" y="0"/><a:chExt cx="{round(contours.largeur * _FINESSE)}" '
        f'cy="{round(contours.hauteur * _FINESSE)}"/></a:xfrm></p:grpSpPr>{"".join(formes)}</p:grpSp>'
    )


def _nom(identifiant: int, nom: Nom, echelle: float, corps: float) -> str:
    """The name of a commune; a veil parts its letters from what they are written over."""
    unite = _FINESSE / (echelle * 72)
    demi, haut = largeur_du_texte(nom.texte, corps) / 2, corps * 1.1
    ou = (
        f'<a:off x="{round((nom.x - demi) * unite)}" y="{round((nom.y - haut / 2) * unite)}"/>'
        f'<a:ext cx="{round(2 * demi * unite)}" cy="{round(haut * unite)}"/>'
    )
    dit = Alinea(nom.texte, corps, alignement="ctr")
    return boite(identifiant, f"Nom : {nom.texte}", f"<a:xfrm>{ou}</a:xfrm>", [dit], "ctr", _VOILE, "none")


def _fond(carte: Carte, zone: Zone, teintes: tuple[str, ...]) -> str:
    if zone.classe is not None:
        return aplat(rvb(teintes[zone.classe]))
    statut = hachee(carte, zone)
    return aplat(rvb(apparence.PAPIER_DOUX)) if statut is None else hachure(statut)


def _cercle(identifiant: int, cercle: Cercle) -> str:
    """A circle over its commune, which says its figure."""
    x, y = (round((n - cercle.rayon) * _FINESSE) for n in (cercle.x, cercle.y))
    cote = max(round(2 * cercle.rayon * _FINESSE), 1)
    place = f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cote}" cy="{cote}"/></a:xfrm>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant}" name={attribut("Cercle : " + cercle.nom)}>{DECORATIF}'
        f"</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{place}{_ROND}</p:spPr></p:sp>"
    )


def _forme(
    identifiant: int,
    nom: str,
    mots: str,
    anneaux: Anneaux,
    fond: str,
    trait: int,
    couleur: str = apparence.CONTOUR,
) -> str:
    points = [[(round(x * _FINESSE), round(y * _FINESSE)) for x, y in anneau] for anneau in anneaux]
    gauche, haut = min(x for a in points for x, _ in a), min(y for a in points for _, y in a)
    large = max(max(x for a in points for x, _ in a) - gauche, 1)
    long = max(max(y for a in points for _, y in a) - haut, 1)
    traces = "".join(_anneau([(x - gauche, y - haut) for x, y in a]) for a in points if len(a) > 2)
    decoratif = "" if mots else DECORATIF
    return (
        "<p:sp><p:nvSpPr>"
        f'<p:cNvPr id="{identifiant}" name={attribut(nom)} descr={attribut(mots)}>{decoratif}</p:cNvPr>'
        f'<p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="{gauche}" y="{haut}"/>'
        f'<a:ext cx="{large}" cy="{long}"/>'
        "</a:xfrm><a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
        '<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
        f'<a:path w="{large}" h="{long}">{traces}</a:path></a:pathLst></a:custGeom>{fond}'
        f'<a:ln w="{trait}">{aplat(rvb(couleur))}<a:round/></a:ln></p:spPr></p:sp>'
    )


_VOILE = '<a:solidFill><a:schemeClr val="bg1"><a:alpha val="72000"/></a:schemeClr></a:solidFill>'


def _anneau(points: list[tuple[int, int]]) -> str:
    (x, y), *suite = points
    lignes = "".join(f'<a:lnTo><a:pt x="{a}" y="{b}"/></a:lnTo>' for a, b in suite)
    return f'<a:moveTo><a:pt x="{x}" y="{y}"/></a:moveTo>{lignes}<a:close/>'


_TEINTE = (
    '<a:solidFill><a:schemeClr val="accent1">'
    f'<a:alpha val="{round(apparence.OPACITE * 100_000)}"/></a:schemeClr></a:solidFill>'
)
_ROND = (
    f'<a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom>{_TEINTE}<a:ln w="6350">{aplat(theme("bg1"))}</a:ln>'
)
_LIGNE, _SIGNE = 0.32, 0.36
"""Inches of a line of the legend, and of the column of its signs."""
LARGEUR_LEGENDE = 4.06


@dataclass(frozen=True)
class Cle:
    """A line of the legend: its words, and how its sign is filled, or how wide it is where it is a circle.

    A sign that is not filled is a border: a thick line.
    """

    mots: str
    fond: str = ""
    diametre: float = 0.0

    @property
    def hauteur(self) -> float:
        """Inches it takes."""
        return max(_LIGNE, self.diametre + 0.06)


def legende(carte: Carte, contours: Contours, echelle: float) -> list[Cle]:
    """Return the lines of the legend: classes, or circles as large as on the map, then the hatches in use."""
    teintes = apparence.classes(len(carte.classes)) if carte.classes else ()
    cles = [Cle(mots, aplat(rvb(teinte))) for teinte, mots in zip(teintes, carte.classes, strict=True)]
    cles += [Cle(mots, diametre=2 * r * echelle) for r, mots in cercles.legende(carte, contours)]
    cles += [Cle(mots, hachure(statut)) for statut, mots, _ in hachures(carte)]
    return [*cles, Cle(LIMITES)] if contours.epci else cles


def hauteur_de(cles: Iterable[Cle]) -> float:
    """Return the inches that a legend takes."""
    return sum(cle.hauteur for cle in cles)


def dessiner_legende(cles: Sequence[Cle], identifiant: int, x: float, y: float, corps: float) -> str:
    """Return the legend in one group."""
    signe = max([_SIGNE, *(cle.diametre for cle in cles)])
    formes = []
    haut = y
    for rang, cle in enumerate(cles):
        milieu = haut + cle.hauteur / 2
        if cle.diametre:
            d = cle.diametre
            sorte = f"<p:spPr>{cadre(x + (signe - d) / 2, milieu - d / 2, d, d)}{_ROND}</p:spPr>"
        elif not cle.fond:
            sorte = (
                f"<p:spPr>{cadre(x + (signe - _SIGNE) / 2, milieu, _SIGNE, 0)}"
                '<a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
                f'<a:ln w="19050">{aplat(rvb(apparence.ENCRE))}</a:ln></p:spPr>'
            )
        else:
            sorte = (
                f"<p:spPr>{cadre(x + (signe - _SIGNE) / 2, milieu - 0.11, _SIGNE, 0.22)}"
                f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{cle.fond}'
                f'<a:ln w="6350">{aplat(rvb(apparence.CONTOUR))}</a:ln></p:spPr>'
            )
        formes.append(
            "<p:sp><p:nvSpPr>"
            "<p:cNvPr"
            f' id="{identifiant + 1 + 2 * rang}" name={attribut("Légende : " + cle.mots)}>{DECORATIF}'
            f"</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr>{sorte}</p:sp>"
        )
        ou = cadre(x + signe + 0.1, milieu - 0.14, LARGEUR_LEGENDE - signe - 0.1, 0.28)
        formes.append(boite(identifiant + 2 + 2 * rang, "Légende", ou, [Alinea(cle.mots, corps)], "ctr"))
        haut += cle.hauteur
    hauteur = max(haut - y, _LIGNE)
    large = emu(LARGEUR_LEGENDE)
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{identifiant}" name="Légende" descr="Légende de la carte"/>'
        f'<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:ext cx="{large}" cy="{emu(hauteur)}"/><a:chOff x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:chExt cx="{large}" cy="{emu(hauteur)}"/></a:xfrm></p:grpSpPr>{"".join(formes)}</p:grpSp>'
    )
