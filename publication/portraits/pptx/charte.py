"""The template that a deck is set in, ours or a Caf's own: its layouts, found by what they hold."""

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER as PH
from pptx.exc import PackageNotFoundError
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.presentation import Presentation as Deck

from publication.portraits.modele import Document
from publication.portraits.pptx.couleurs import THEME
from publication.portraits.pptx.gabarit import deck_vide, proprietes
from socle.erreurs import ErreurPublication

PRESENTATION = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
MODELE = b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"
_CONTENUS = "[Content_Types].xml"
_POUCE = 914400
_LARGEURS = {"arial": 1.0, "calibri": 0.92, "times new roman": 0.95, "verdana": 1.2, "georgia": 1.1}
"""How wide the letters of a font are beside those of Arial; an unknown one is taken as wide."""
_LARGE = 1.15


@dataclass(frozen=True)
class Zone:
    """A place of a layout, in inches; `idx` is that of its placeholder, None where it has none."""

    idx: int | None
    x: float
    y: float
    w: float
    h: float
    deplacee: bool = False
    """Whether it stands elsewhere than the template has it."""

    def scinder(self, gouttiere: float) -> tuple["Zone", "Zone"]:
        """Return its two halves, side by side; only the first keeps the placeholder."""
        large = (self.w - gouttiere) / 2
        return (
            Zone(self.idx, self.x, self.y, large, self.h),
            Zone(None, self.x + large + gouttiere, self.y, large, self.h),
        )


@dataclass(frozen=True)
class Disposition:
    """A layout and its places: title, contents from left to right, and what stands above and below."""

    layout: Any
    titre: Zone
    contenus: tuple[Zone, ...]
    sous_titre: Zone | None = None
    surtitre: Zone | None = None
    pied: Zone | None = None
    numero: Zone | None = None


@dataclass(frozen=True)
class Charte:
    """A deck without slides, and how its template sets a view. `manques` says what it lacks."""

    deck: Deck
    couverture: Disposition
    une: Disposition
    deux: Disposition
    manques: tuple[str, ...]

    @cached_property
    def echelle(self) -> float:
        """Size of letters beside those of a slide 7.5 inches high."""
        return float(self.deck.slide_height or 0) / _POUCE / 7.5

    @cached_property
    def largeur(self) -> float:
        """Width of a slide, in inches."""
        return float(self.deck.slide_width or 0) / _POUCE

    @cached_property
    def lettres(self) -> float:
        """How wide its letters are beside those of Arial."""
        theme = self.deck.slide_master.part.part_related_by(RT.THEME).blob.decode()
        police = theme.partition("<a:minorFont>")[2].partition('typeface="')[2].partition('"')[0]
        return _LARGEURS.get(police.lower(), _LARGE)

    @cached_property
    def corps_du_titre(self) -> float:
        """Size of its titles, in points."""
        styles = self.deck.slide_master.part._element.find(".//{*}titleStyle")
        trouve = None if styles is None else styles.find("{*}lvl1pPr/{*}defRPr")
        taille = None if trouve is None else trouve.get("sz")
        return int(taille) / 100 if taille else 28.0


def ouvrir(document: Document, modele: bytes | None, nom: str) -> Charte:
    """Return the charte of a template (.potx or .pptx), or ours.

    Raises ErreurPublication when it cannot be opened, or has no layout with a title.
    """
    if modele is None:
        deck = deck_vide(document, THEME)
        lues = _dispositions(deck)
    else:
        deck, lues = _deck_de(modele, nom, document)
    if not lues:
        raise ErreurPublication(
            f"Le modèle {nom} n'a aucune disposition avec un titre : un diaporama ne peut s'y poser."
            " Attendu : au moins « Titre et contenu ». L'ajouter dans le masque des diapositives, ou se"
            " passer de --modele."
        )
    return _choisir(deck, lues)


def _choisir(deck: Deck, lues: list[Disposition]) -> Charte:
    manques = []
    larges = [d for d in lues if len(d.contenus) == 1 and d.sous_titre is None]
    une = max(larges, key=lambda d: d.contenus[0].w * d.contenus[0].h, default=None)
    if une is None:
        manques.append("aucune disposition « Titre et contenu » : le contenu va sous le titre")
        une = _sous_le_titre(deck, lues[0])
    deux = next((d for d in lues if len(d.contenus) == 2 and _cote_a_cote(*d.contenus)), None)
    if deux is None:
        manques.append("aucune disposition à deux contenus : celle d'un contenu est partagée en deux")
        deux = Disposition(
            une.layout,
            une.titre,
            une.contenus[0].scinder(0.4),
            surtitre=une.surtitre,
            pied=une.pied,
            numero=une.numero,
        )
    couverture = next((d for d in lues if d.sous_titre is not None), None)
    if couverture is None:
        manques.append("aucune disposition à sous-titre : la couverture est une diapositive ordinaire")
        couverture = une
    if une.numero is None:
        manques.append("aucun numéro de diapositive")
    if une.pied is None:
        manques.append("aucun pied de page : les sources sont dans les commentaires seuls")
    return Charte(deck, couverture, une, deux, tuple(manques))


def _dispositions(deck: Deck) -> list[Disposition]:
    return [d for layout in deck.slide_layouts if (d := _lire(layout, deck)) is not None]


def _deck_de(modele: bytes, nom: str, document: Document) -> tuple[Deck, list[Disposition]]:
    """Open a presentation, or a template as one, emptied; return it with its layouts."""
    try:
        deck = Presentation(BytesIO(_en_presentation(modele)))
        _vider(deck)
        proprietes(deck, document)
        return deck, _dispositions(deck)
    # What a file cut or altered holds no more: a part, or the end of one.
    except (BadZipFile, error, KeyError, ValueError, PackageNotFoundError, SyntaxError) as erreur:
        raise ErreurPublication(
            f"Le modèle {nom} ne s'ouvre pas comme une présentation ({erreur}). Attendu : un fichier .potx ou"
            " .pptx enregistré par PowerPoint ou LibreOffice, sans mot de passe. Rien n'a été écrit."
        ) from erreur


def _en_presentation(modele: bytes) -> bytes:
    sortie = BytesIO()
    with ZipFile(BytesIO(modele)) as source, ZipFile(sortie, "w") as archive:
        for membre in source.infolist():
            octets = source.read(membre)
            if membre.filename == _CONTENUS:
                octets = octets.replace(MODELE, PRESENTATION)
            archive.writestr(ZipInfo(membre.filename), octets)
    return sortie.getvalue()


def _vider(deck: Deck) -> None:
    """Take away the slides that a template shows as examples."""
    liste = deck.slides._sldIdLst
    for diapositive in list(liste):
        deck.part.drop_rel(diapositive.rId)
        liste.remove(diapositive)


def _lire(layout: Any, deck: Deck) -> Disposition | None:
    """Read a layout by the kinds and sizes of its places, whatever their names; None without a title."""
    par_sorte: dict[str, list[Zone]] = {}
    haut = float(deck.slide_height or 0) / _POUCE
    for place in layout.placeholders:
        vertical = place._element.find(".//{*}ph").get("orient") == "vert"
        if None in (place.left, place.top, place.width, place.height):
            continue
        zone = Zone(place.placeholder_format.idx, *_pouces(place))
        sorte = "autre" if vertical else _SORTES.get(place.placeholder_format.type, "autre")
        if sorte == "contenu" and zone.h < haut * 0.15:
            sorte = "surtitre"
        par_sorte.setdefault(sorte, []).append(zone)
    if not par_sorte.get("titre"):
        return None

    def une(sorte: str) -> Zone | None:
        return next(iter(par_sorte.get(sorte, ())), None)

    titre = par_sorte["titre"][0]
    au_dessus = next((z for z in par_sorte.get("surtitre", ()) if z.y < titre.y), None)
    contenus = tuple(sorted(par_sorte.get("contenu", ()), key=lambda z: (z.x, z.y)))
    return Disposition(layout, titre, contenus, une("sous_titre"), au_dessus, une("pied"), une("numero"))


_SORTES = {
    PH.TITLE: "titre",
    PH.CENTER_TITLE: "titre",
    PH.SUBTITLE: "sous_titre",
    PH.BODY: "contenu",
    PH.OBJECT: "contenu",
    PH.FOOTER: "pied",
    PH.SLIDE_NUMBER: "numero",
}


def _pouces(place: Any) -> tuple[float, float, float, float]:
    x, y, w, h = (mesure / _POUCE for mesure in (place.left, place.top, place.width, place.height))
    return x, y, w, h


def _cote_a_cote(gauche: Zone, droite: Zone) -> bool:
    return abs(gauche.y - droite.y) < 0.2 * gauche.h and gauche.x + gauche.w <= droite.x + 0.1


def _sous_le_titre(deck: Deck, d: Disposition) -> Disposition:
    """Return a layout whose content is what is left under its title."""
    haut = d.titre.y + d.titre.h + 0.15
    bas = min(
        [z.y for z in (d.pied, d.numero) if z is not None] + [float(deck.slide_height or 0) / _POUCE - 0.4]
    )
    zone = Zone(None, d.titre.x, haut, d.titre.w, bas - haut)
    return Disposition(d.layout, d.titre, (zone,), surtitre=d.surtitre, pied=d.pied, numero=d.numero)
