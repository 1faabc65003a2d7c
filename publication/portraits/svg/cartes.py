"""Maps of communes as SVG: outlines, classes, circles, their legend, names on a cover.

A commune whose figure is not shown is hatched by its statut, and nothing on the map depends on what it hides.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise

from publication.commun import apparence
from publication.commun.apparence import CONTOUR, CORPS, ENCRE, PAPIER, PAPIER_DOUX, Hachee
from publication.commun.lettres import largeur, propre
from publication.lecture.statuts import NOMS
from publication.portraits import cercles, noms
from publication.portraits.modele import Anneaux, Carte, Contours, Zone
from publication.portraits.svg.dessin import CASE, INTERLIGNE, Dessin, nombre
from socle.statuts import MONTRENT

_HAUTEUR = 440
"""A map is never taller than this: one that stands is narrowed."""
INCERTAIN = "trop incertain pour une couleur"
LIMITES = "limites des EPCI"
"""Words of the legend for the borders of EPCI, thicker than those of communes."""


def dessiner(
    carte: Carte,
    contours: Contours,
    bandeau: str | None = None,
    couverture: bool = False,
    large: float = apparence.LARGEUR_GRAPHIQUE,
    petit: float = CORPS,
    traits: dict[str, str] | None = None,
    bulles: bool = True,
) -> str:
    """The map as one `<svg>`, `large` pixels wide; on a cover, without a legend that tells nothing apart.

    `petit` is the size of the names of communes. `traits`: outlines that maps share, and their ids; what is
    not there yet is added. `bulles`: whether each commune says its name and figure, or its page will.
    """
    echelle = echelle_de(contours, large)
    dessin = Dessin(carte, large, contours.hauteur * echelle + 4, petit)
    gauche = (large - contours.largeur * echelle) / 2
    couleurs = apparence.classes(len(carte.classes)) if carte.classes else ()

    dessin.tracer(
        f'<g stroke="{CONTOUR}" stroke-width="0.6" stroke-linejoin="round" fill-rule="evenodd" '
        f'transform="translate({nombre(gauche)},2)"',
        fin=">",
    )
    zones = {zone.code: zone for zone in carte.zones}
    for code in sorted(contours.communes):
        zone = zones.get(code)
        fond = PAPIER if zone is None else _fond(dessin, carte, zone, couleurs)
        bulle = _bulle(carte, zone) if zone and bulles else None
        _contour(dessin, contours.communes[code], echelle, f'fill="{fond}"', traits, bulle)
    bords = [(contours.epci, 1.0), (contours.pourtour, 1.3)]
    if traits is not None:
        # Over dark communes, a border is seen by what is light around it.
        _contour(dessin, contours.epci, echelle, f'fill="none" stroke="{PAPIER}" stroke-width="3"', traits)
    for anneaux, epaisseur in bords:
        trait = f'fill="none" stroke="{ENCRE}" stroke-width="{epaisseur:g}"'
        _contour(dessin, anneaux, echelle, trait, traits)
    dessin.tracer("</g", fin=">")
    for cercle in cercles.placer(carte, contours):
        x, y = gauche + cercle.x * echelle, 2 + cercle.y * echelle
        dessin.cercle(x, y, cercle.rayon * echelle)
    for nom in noms.placer(carte, contours, echelle, petit, gauche):
        dessin.texte(gauche + nom.x, 2 + nom.y, nom.texte, "middle", corps=petit, halo=True)
    if not couverture or _distingue(carte):
        _legende(dessin, carte, contours, couleurs, echelle)
    return dessin.svg(bandeau)


def echelle_de(contours: Contours, large: float = apparence.LARGEUR_GRAPHIQUE) -> float:
    """Pixels per unit of outlines, on a map `large` pixels wide: a border is drawn astride its outline."""
    return min((large - 4) / contours.largeur, _HAUTEUR / contours.hauteur)


def _contour(
    dessin: Dessin,
    anneaux: Anneaux,
    echelle: float,
    attributs: str,
    traits: dict[str, str] | None,
    bulle: str | None = None,
) -> None:
    """Draw an outline, if there is one: its path, or that of its page; `bulle` says what it is about."""
    if not anneaux:
        return
    trace = chemin(anneaux, echelle)
    forme = f'path d="{trace}"'
    if traits is not None:
        if trace not in traits:
            traits[trace] = f"t{len(traits)}"
            dessin.motifs[trace] = f'<path id="{traits[trace]}" d="{trace}"/>'
        forme = f'use href="#{traits[trace]}"'
    fin = "/>" if bulle is None else f"><title>{bulle}</title></{forme.partition(' ')[0]}>"
    # Each has its own aspect: what points at a commune draws it over all the others of its group.
    dessin.tracer(f"<{forme} {attributs}", fin=fin)


@lru_cache(maxsize=1024)  # A département has fewer communes, and each is on every map of a page.
def chemin(anneaux: Anneaux, echelle: float) -> str:
    """Write rings to a tenth of a pixel, each step relative: half the bytes of absolute ones."""
    morceaux = []
    for anneau in anneaux:
        # Rounded before they are subtracted, so that neighbours keep one border.
        points = [(round(x * echelle * 10), round(y * echelle * 10)) for x, y in anneau]
        if points[-1] == points[0]:
            points.pop()
        pas = [
            (x - avant_x, y - avant_y)
            for (avant_x, avant_y), (x, y) in pairwise(points)
            if (x, y) != (avant_x, avant_y)
        ]
        x, y = points[0]
        morceaux.append(f"M{_suite([(x, y)])}l{_suite(pas)}z")
    return "".join(morceaux)


def _suite(points: Sequence[tuple[int, int]]) -> str:
    """Tenths of a pixel as a path has them, in the fewest letters: (3, -12), (45, 30) are `.3-1.2 4.5 3`."""
    dits = " ".join(nombre(n / 10) for point in points for n in point)
    return re.sub(r"(?<![\d.])0(?=\.)", "", dits).replace(" -", "-")


def _distingue(carte: Carte) -> bool:
    """Say whether a map tells communes apart: one class, and no hatch, needs no legend."""
    return bool(carte.reperes) or len(carte.classes) + sum(z.classe is None for z in carte.zones) > 1


def _fond(dessin: Dessin, carte: Carte, zone: Zone, couleurs: Sequence[str]) -> str:
    if zone.classe is not None:
        return couleurs[zone.classe]
    if (statut := hachee(carte, zone)) is not None:
        return dessin.hachure(statut)
    return PAPIER_DOUX


def hachee(carte: Carte, zone: Zone) -> Hachee | None:
    """The hatch of a commune that shows no figure, or one too uncertain for a class; None of the others."""
    if zone.classe is not None or (carte.reperes and zone.valeur.nombre is not None):
        return None
    statut = zone.valeur.statut
    if statut in MONTRENT:
        return "incertain"
    return statut if statut is not None and statut in apparence.MARQUES else "non_disponible"


def hachures(carte: Carte) -> list[tuple[Hachee, str, int]]:
    """The hatches of a map, in the order of its legend: what each says, how many communes have it."""
    effectifs = Counter(hachee(carte, zone) for zone in carte.zones)
    mots: dict[Hachee, str] = {
        statut: f"{marque}\u00a0: {NOMS[statut]}" for statut, marque in apparence.MARQUES.items()
    }
    mots["incertain"] = INCERTAIN
    return [(statut, dits, effectifs[statut]) for statut, dits in mots.items() if effectifs[statut]]


def _bulle(carte: Carte, zone: Zone) -> str:
    texte = zone.valeur.texte
    if (statut := hachee(carte, zone)) is not None:
        texte = f"{texte}\u00a0: {INCERTAIN if statut == 'incertain' else NOMS[statut]}"
    return escape(propre(f"{zone.nom}\u00a0: {texte}" if texte else zone.nom))


def _legende(
    dessin: Dessin, carte: Carte, contours: Contours, couleurs: Sequence[str], echelle: float
) -> None:
    """Under the map: each class in words and how many communes it has, or circles; then hatches in use."""
    effectifs = Counter(zone.classe for zone in carte.zones)
    cles = [(couleurs[rang], classe, effectifs[rang]) for rang, classe in enumerate(carte.classes)]
    cles += [(dessin.hachure(statut), mots, effectif) for statut, mots, effectif in hachures(carte)]

    x, y = 0.0, dessin.hauteur + 16
    ronds = [(r * echelle, mots) for r, mots in cercles.legende(carte, contours)]
    if ronds:
        # On one ground, as large as on the map.
        sol = dessin.hauteur + 6 + 2 * max(r for r, _ in ronds)
        for r, mots in ronds:
            dessin.cercle(x + r + 1, sol - r, r)
            dessin.texte(x + 2 * r + 7, sol - min(r, 6), mots)
            x += 2 * r + 7 + largeur(mots, CORPS) + 20
        x, y = 0.0, sol + 16
    for fond, mots, effectif in cles:
        texte = f"{mots} ({effectif})"
        longueur = CASE + 11 + largeur(texte, CORPS)
        if x and x + longueur > dessin.largeur:
            x, y = 0.0, y + INTERLIGNE + 6
        dessin.rectangle(x + 0.5, y - 6, x + CASE + 5, y + 6, fond, CONTOUR, 0.8)
        dessin.texte(x + CASE + 10, y, texte)
        x += longueur + 20
    if contours.epci:
        longueur = CASE + 11 + largeur(LIMITES, CORPS)
        if x and x + longueur > dessin.largeur:
            x, y = 0.0, y + INTERLIGNE + 6
        dessin.trait([(x, y), (x + CASE + 5, y)], ENCRE, 1.6)
        dessin.texte(x + CASE + 10, y, LIMITES)
    dessin.hauteur = y + (12 if cles or contours.epci else -6)
