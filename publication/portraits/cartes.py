"""Maps of communes as SVG.

Belongs here: outlines, classes and their legend, names on the cover's map. Does not: which figure, which
classes (`contenu`), colours and hatches (`apparence`). A commune whose figure is not shown has no class: it
is hatched by its statut, and nothing else on the map depends on what it hides. Nor has one whose figure may
be in several classes.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise

from publication.portraits import apparence
from publication.portraits.apparence import CONTOUR, CORPS, ENCRE, PAPIER
from publication.portraits.dessin import CASE, INTERLIGNE, Dessin, nombre
from publication.portraits.lettres import largeur, propre
from publication.portraits.modele import APPROCHE, Anneaux, Carte, Contours, Zone
from publication.statuts import NOMS
from socle.statuts import MONTRENT, Statut

_HAUTEUR = 420
"""A map is never taller than this: one that stands is narrowed."""
TROP_LARGE = "intervalle trop large pour une classe"
_NOMS = 6
"""How many communes are named on a cover."""


def dessiner(carte: Carte, contours: Contours, bandeau: str | None = None, noms: bool = False) -> str:
    """The map as one `<svg>`; `noms` writes the names of the largest communes, as on a cover."""
    largeur_px = apparence.LARGEUR_COUVERTURE if noms else apparence.LARGEUR_CARTE
    # The border is drawn astride the outline.
    echelle = min((largeur_px - 4) / contours.largeur, _HAUTEUR / contours.hauteur)
    dessin = Dessin(carte, largeur_px, contours.hauteur * echelle + 4)
    gauche = (largeur_px - contours.largeur * echelle) / 2
    couleurs = apparence.classes(len(carte.classes)) if carte.classes else ()

    dessin.traces.append(
        f'<g stroke="{CONTOUR}" stroke-width="0.6" stroke-linejoin="round" fill-rule="evenodd" '
        f'transform="translate({nombre(gauche)},2)">'
    )
    zones = {zone.code: zone for zone in carte.zones}
    for code in sorted(contours.communes):
        zone = zones.get(code)
        trace = _chemin(contours.communes[code], echelle)
        if zone is None:
            dessin.traces.append(f'<path d="{trace}" fill="{PAPIER}"/>')
        else:
            fond = _fond(dessin, zone, couleurs)
            dessin.traces.append(f'<path d="{trace}" fill="{fond}"><title>{_bulle(zone)}</title></path>')
    dessin.traces.append(
        f'<path d="{_chemin(contours.pourtour, echelle)}" fill="none" stroke="{ENCRE}" stroke-width="1.3"/>'
        "</g>"
    )
    if noms:
        _nommer(dessin, carte, contours, echelle, gauche)
    else:
        _legende(dessin, carte, couleurs)
    return dessin.svg(bandeau)


@lru_cache(maxsize=1024)  # A département has fewer communes, and each is on every map of a page.
def _chemin(anneaux: Anneaux, echelle: float) -> str:
    """Rings to a tenth of a pixel, each step relative: half the bytes of absolute ones."""
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
        suite = " ".join(f"{nombre(dx / 10)},{nombre(dy / 10)}" for dx, dy in pas)
        x, y = points[0]
        morceaux.append(f"M{nombre(x / 10)},{nombre(y / 10)}l{suite}z")
    return "".join(morceaux)


def _fond(dessin: Dessin, zone: Zone, couleurs: Sequence[str]) -> str:
    if zone.classe is not None:
        return couleurs[zone.classe]
    return dessin.hachure(hachee(zone))


def hachee(zone: Zone) -> Statut:
    """Of a commune without a class, the hatch: one that shows no figure, or a figure too wide for a class."""
    statut = zone.valeur.statut or "non_disponible"
    return "arrondi" if statut in MONTRENT else statut


def sans_classe(carte: Carte) -> list[tuple[Statut, str, int]]:
    """The hatches of a map, in the order of its legend: what each says, how many communes have it."""
    effectifs = Counter(hachee(zone) for zone in carte.zones if zone.classe is None)
    mots = {statut: f"{marque}\u00a0: {NOMS[statut]}" for statut, marque in apparence.MARQUES.items()}
    mots["arrondi"] = f"{APPROCHE}\u00a0: {TROP_LARGE}"
    return [(statut, dits, effectifs[statut]) for statut, dits in mots.items() if effectifs[statut]]


def _bulle(zone: Zone) -> str:
    texte = zone.valeur.texte
    if zone.classe is None:
        statut = hachee(zone)
        texte = f"{texte}\u00a0: {TROP_LARGE if statut == 'arrondi' else NOMS[statut]}"
    return escape(propre(f"{zone.nom}\u00a0: {texte}" if texte else zone.nom))


def _legende(dessin: Dessin, carte: Carte, couleurs: Sequence[str]) -> None:
    """Under the map: each class in words and how many communes it has, then the hatches in use."""
    effectifs = Counter(zone.classe for zone in carte.zones)
    cles = [(couleurs[rang], classe, effectifs[rang]) for rang, classe in enumerate(carte.classes)]
    cles += [(dessin.hachure(statut), mots, effectif) for statut, mots, effectif in sans_classe(carte)]

    x, y = 0.0, dessin.hauteur + 16
    for fond, mots, effectif in cles:
        texte = f"{mots} ({effectif})"
        longueur = CASE + 11 + largeur(texte, CORPS)
        if x and x + longueur > dessin.largeur:
            x, y = 0.0, y + INTERLIGNE + 6
        dessin.rectangle(x + 0.5, y - 6, x + CASE + 5, y + 6, fond, CONTOUR, 0.8)
        dessin.texte(x + CASE + 10, y, texte)
        x += longueur + 20
    dessin.hauteur = y + 12


def _aire_et_centre(anneau: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Area of a ring and its centre of gravity."""
    aire = cx = cy = 0.0
    for (xa, ya), (xb, yb) in zip(anneau, (*anneau[1:], anneau[0]), strict=True):
        croix = xa * yb - xb * ya
        aire, cx, cy = aire + croix, cx + (xa + xb) * croix, cy + (ya + yb) * croix
    if not aire:
        return 0.0, *anneau[0]
    return abs(aire) / 2, cx / (3 * aire), cy / (3 * aire)


def _nommer(dessin: Dessin, carte: Carte, contours: Contours, echelle: float, gauche: float) -> None:
    """Names of the communes with the highest figures, else of the largest ones; none over another."""
    places = []
    for zone in carte.zones:
        if anneaux := contours.communes.get(zone.code):
            aire, x, y = max(_aire_et_centre(anneau) for anneau in anneaux)
            places.append((-(zone.valeur.nombre or 0.0), -aire, zone.code, zone.nom, x, y))
    occupees: list[tuple[float, float, float]] = []
    for *_, nom, cx, cy in sorted(places):
        demi = largeur(nom, CORPS, True) / 2
        x = min(max(gauche + cx * echelle, demi), dessin.largeur - demi)
        y = cy * echelle + 2
        if any(abs(y - ay) <= INTERLIGNE and abs(x - ax) <= demi + autre for ax, ay, autre in occupees):
            continue
        occupees.append((x, y, demi))
        dessin.texte(x, y, nom, "middle", gras=True, halo=True)
        if len(occupees) == _NOMS:
            break
