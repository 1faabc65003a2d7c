"""Running text of a deck: its paragraphs, how high they are, and what is left for the notes."""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from publication.commun import apparence
from publication.commun.chiffres import Chiffre
from publication.portraits.modele import Element, Liste, Message, Paragraphe, Point
from publication.portraits.pptx.couleurs import encre
from publication.portraits.pptx.gabarit import UTILE
from publication.portraits.pptx.texte import Alinea, rvb

CORPS_MESSAGE, CORPS_TEXTE, CORPS_CHAPEAU, CORPS_NOTE = 18, 16, 14, 12
HAUTEUR_CHAPEAU = 0.8
"""Inches that running text may take over a chart or a table; beyond, it has a slide."""
HAUTEUR_LISTE_COURTE = 1.6
"""Inches under which a list has no slide of its own where another text follows in its section."""
LIGNES_ENSEMBLE = 7
"""Points that are kept on one slide with the one they are under."""
SUITE = "Autres notes et sources : commentaires de cette diapositive."
DOUX = rvb(apparence.ENCRE_DOUCE)


def message_dit(message: Message) -> Alinea:
    """Return a generated sentence, under the sign of its tone."""
    signe = apparence.SIGNES_TON[message.ton] or "•"
    return Alinea(message.texte, CORPS_MESSAGE, puce=signe, couleur_puce=encre(message.ton), avant=12)


def points_dits(points: Iterable[Point], niveau: int) -> Iterator[Alinea]:
    """Yield the items of a list, and those under them."""
    for point in points:
        yield Alinea(
            point.texte,
            CORPS_TEXTE if not niveau else CORPS_TEXTE - 2,
            puce="•" if not niveau else "–",
            niveau=niveau,
            avant=6 if not niveau else 3,
        )
        yield from points_dits(point.sous, niveau + 1)


def pages(alineas: Sequence[Alinea], place: float) -> list[list[Alinea]]:
    """Share paragraphs among slides of about one height; what goes together is not parted."""
    blocs = _blocs(alineas)
    hauteurs = [sum(a.hauteur(UTILE * 72) for a in bloc) for bloc in blocs]
    nombre = max(1, ceil(sum(hauteurs) / place))
    # A last slide of one line is not read: they are filled alike, unless that takes one more.
    egales = _remplir(blocs, hauteurs, min(place, sum(hauteurs) / nombre + max(hauteurs) / 2))
    pages = egales if len(egales) <= nombre else _remplir(blocs, hauteurs, place)
    return [_recadrer(page, place) for page in pages]


def _remplir(blocs: list[list[Alinea]], hauteurs: list[float], place: float) -> list[list[Alinea]]:
    pages: list[list[Alinea]] = [[]]
    reste = place
    for bloc, hauteur in zip(blocs, hauteurs, strict=True):
        if pages[-1] and hauteur > reste:
            pages.append([])
            reste = place
        pages[-1] += bloc
        reste -= hauteur
    return pages


def _blocs(alineas: Sequence[Alinea]) -> list[list[Alinea]]:
    """Group a heading with what follows it, and a point with those under it, unless they are many."""
    blocs: list[list[Alinea]] = []
    for alinea in alineas:
        dessous = alinea.niveau > 0 or (bool(blocs) and blocs[-1][-1].gras)
        if blocs and dessous and (len(blocs[-1]) < LIGNES_ENSEMBLE or blocs[-1][-1].gras):
            blocs[-1].append(alinea)
        else:
            blocs.append([alinea])
    return blocs


def _recadrer(page: list[Alinea], place: float) -> list[Alinea]:
    """Set a paragraph that is longer than a slide in smaller type, never below what is read from a seat."""
    while sum(a.hauteur(UTILE * 72) for a in page) > place and max(a.corps for a in page) > CORPS_NOTE:
        page = [a.de(max(a.corps - 1, CORPS_NOTE)) for a in page]
    return page


def sous(lignes: Sequence[str], maximum: int) -> tuple[list[Alinea], list[str]]:
    """Keep what fits under a table or a chart, and say where the rest is: its source may be there."""
    alineas = [Alinea(ligne, CORPS_NOTE, couleur=DOUX) for ligne in lignes]
    gardes, reste = _couper(alineas, maximum)
    if not reste:
        return gardes, reste
    gardes, reste = _couper(alineas, maximum - 1)
    return [*gardes, Alinea(SUITE, CORPS_NOTE, couleur=DOUX)], reste


def _couper(alineas: Sequence[Alinea], maximum: int) -> tuple[list[Alinea], list[str]]:
    """Keep what fits in `maximum` lines; return the rest for the notes."""
    gardes: list[Alinea] = []
    reste: list[str] = []
    for alinea in alineas:
        if hauteur_de([*gardes, alinea], UTILE) <= maximum * CORPS_NOTE * 1.2 / 72 + 0.001:
            gardes.append(alinea)
        else:
            reste.append(alinea.texte)
    return gardes, reste


def hauteur_de(alineas: Sequence[Alinea], place: float) -> float:
    """Return the inches that paragraphs take in a width of `place` inches."""
    return sum(a.hauteur(place * 72) for a in alineas) / 72


def est_courte(elements: Sequence[Element]) -> bool:
    """Say whether lists are short enough to wait for the next text of their section, and fill no slide."""
    listes = [e for e in elements if isinstance(e, Liste)]
    alineas = [a for liste in listes for a in points_dits(liste.points, 0)]
    return len(listes) == len(elements) and hauteur_de(alineas, UTILE) <= HAUTEUR_LISTE_COURTE


def chapeau_de(elements: Sequence[Element]) -> list[Alinea]:
    """Return short running text as what introduces the next slide, or nothing where it needs its own."""
    alineas = [Alinea(e.texte, CORPS_CHAPEAU, avant=4) for e in elements if isinstance(e, Paragraphe)]
    court = len(alineas) == len(elements) and hauteur_de(alineas, UTILE) <= HAUTEUR_CHAPEAU
    return alineas if court else []


def citation(chiffre: Chiffre) -> str:
    """Quote a figure as the notes of a slide do."""
    lieu = f"{chiffre.libelle}, {chiffre.territoire}, {chiffre.millesime}"
    suite = "".join(f" ; {mot}" for mot in (chiffre.intervalle, chiffre.motif) if mot)
    return f"{lieu} : {chiffre.texte}{suite} ({chiffre.source} ; {chiffre.reference})"
