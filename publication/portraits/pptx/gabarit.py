"""The empty deck: theme, master and layouts, written here so that no binary template is kept (in inches)."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation as Deck
from pptx.util import Emu

from publication.portraits.modele import Document
from publication.portraits.pptx.texte import POLICE, Alinea, attribut, propre, theme

LARGEUR, HAUTEUR = 13.333, 7.5
MARGE = 0.5
UTILE = LARGEUR - 2 * MARGE
HAUT, BAS = 1.75, 6.85
"""Between them is the room of what a slide shows."""
_GOUTTIERE = 0.45

SANS_DATE = datetime(1980, 1, 1)
"""A document has no clock: one release, one deck, to the byte."""


DECORATIF = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)

_RECT = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
_SANS_STYLE = "<a:lstStyle/>"
_SERRE = 'lIns="0" tIns="0" rIns="0" bIns="0"'


def emu(pouces: float) -> int:
    """Return a length as OOXML counts it."""
    return round(pouces * 914400)


def cadre(x: float, y: float, largeur: float, hauteur: float, balise: str = "a") -> str:
    """Return where a shape stands, in inches (`p` for a frame, `a` for anything else)."""
    return (
        f'<{balise}:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:ext cx="{emu(largeur)}" cy="{emu(hauteur)}"/></{balise}:xfrm>'
    )


def deck_vide(document: Document, couleurs: dict[str, str]) -> Deck:
    """Return a deck without slides; `couleurs` are those of the theme, by their name in OOXML."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(emu(LARGEUR)), Emu(emu(HAUTEUR))
    deck.part._element.find("{*}sldSz").attrib.pop("type", None)
    paquet = deck.part.package
    # What the template of python-pptx carries of another deck: a picture of it, its printer, its editor.
    for source, types in (
        (paquet, (RT.THUMBNAIL, RT.EXTENDED_PROPERTIES)),
        (deck.part, (RT.PRINTER_SETTINGS,)),
    ):
        _couper(source, types)
    maitre = deck.slide_master
    gardes = list(maitre.slide_layouts)[:4]
    for disposition in list(maitre.slide_layouts)[4:]:
        maitre.slide_layouts.remove(disposition)
    partie_theme = maitre.part.part_related_by(RT.THEME)
    partie_theme.blob = _theme(partie_theme.blob.decode(), couleurs)
    _remplacer(maitre.part._element, _maitre())
    styles = maitre.part._element.find(".//{*}txStyles")
    styles.getparent().replace(styles, parse_xml(_styles()))
    faites = (
        ("Couverture", "title", _couverture()),
        ("Titre et contenu", "obj", _texte()),
        ("Titre et deux contenus", "twoObj", _deux()),
        ("Titre seul", "titleOnly", _libre()),
    )
    for disposition, (nom, forme, dessin) in zip(gardes, faites, strict=True):
        _remplacer(disposition.part._element, dessin, nom)
        disposition.part._element.set("type", forme)
    for style in deck.part._element.iter("{*}defRPr"):
        if style.get("lang"):
            style.set("lang", "fr-FR")
    proprietes(deck, document)
    return deck


def _couper(source: Any, types: tuple[str, ...]) -> None:
    relations = source._rels
    for identifiant in [i for i, relation in relations.items() if relation.reltype in types]:
        relations.pop(identifiant)


def proprietes(deck: Deck, document: Document) -> None:
    """Say what the deck is; nothing in it says when it was made."""
    proprietes = deck.core_properties
    proprietes.title = propre(f"{document.titre}, {document.sous_titre}")[:255]
    proprietes.subject = propre(document.edition.citation)[:255]
    proprietes.author = proprietes.last_modified_by = "Observatoire CTG"
    proprietes.comments = propre(document.bandeau or "")[:255]
    proprietes.keywords = propre(document.edition.release_id)[:255]
    proprietes.language = "fr-FR"
    proprietes.created = proprietes.modified = SANS_DATE
    proprietes.revision = 1


def _theme(source: str, couleurs: dict[str, str]) -> bytes:
    palette = "".join(
        f'<a:{nom}><a:srgbClr val="{c.lstrip("#").upper()}"/></a:{nom}>' for nom, c in couleurs.items()
    )
    source = re.sub(
        r"<a:clrScheme.*?</a:clrScheme>",
        f'<a:clrScheme name="Portrait">{palette}</a:clrScheme>',
        source,
        flags=re.S,
    )
    polices = "".join(
        f'<a:{role}><a:latin typeface="{POLICE}"/><a:ea typeface=""/><a:cs typeface=""/></a:{role}>'
        for role in ("majorFont", "minorFont")
    )
    source = re.sub(
        r"<a:fontScheme.*?</a:fontScheme>",
        f'<a:fontScheme name="Portrait">{polices}</a:fontScheme>',
        source,
        flags=re.S,
    )
    return re.sub(r'name="Office Theme"', 'name="Portrait"', source, count=1).encode()


def _remplacer(element: Any, formes: str, nom: str | None = None) -> None:
    """Put other shapes in the tree of a master or a layout."""
    arbre = element.find(".//{*}spTree")
    for forme in list(arbre)[2:]:
        arbre.remove(forme)
    dessin = parse_xml(f"<p:spTree {nsdecls('p', 'a', 'r')}>{formes}</p:spTree>")
    for forme in list(dessin):
        arbre.append(forme)
    if nom:
        element.find(".//{*}cSld").set("name", nom)


def emplacement(
    identifiant: int,
    nom: str,
    genre: str,
    paragraphes: str,
    ou: str = "",
    corps: str = "<a:bodyPr/>",
    styles: str = _SANS_STYLE,
) -> str:
    """Return a placeholder: `genre` is what `p:ph` says of it."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant}" name={attribut(nom)}/><p:cNvSpPr>'
        '<a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph {genre}/></p:nvPr></p:nvSpPr><p:spPr>{ou}</p:spPr>"
        f"<p:txBody>{corps}{styles}{paragraphes}</p:txBody></p:sp>"
    )


def boite(
    identifiant: int,
    nom: str,
    ou: str,
    alineas: Iterable[Alinea],
    ancre: str = "t",
    fond: str = "<a:noFill/>",
    retour: str = "square",
) -> str:
    """Return a box of text without margins; `ou`: where it stands (`cadre`), `retour`: whether lines wrap."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant}" name={attribut(nom)}/><p:cNvSpPr txBox="1"/><p:nvPr/>'
        f"</p:nvSpPr><p:spPr>{ou}{_RECT}{fond}</p:spPr><p:txBody>"
        f'<a:bodyPr wrap="{retour}" {_SERRE} anchor="{ancre}"/><a:lstStyle/>'
        f"{''.join(a.xml() for a in alineas)}</p:txBody></p:sp>"
    )


def rectangle(
    identifiant: int, nom: str, x: float, y: float, largeur: float, hauteur: float, fond: str
) -> str:
    """Return a filled rectangle that says nothing."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{identifiant}" name={attribut(nom)}>{DECORATIF}</p:cNvPr><p:cNvSpPr/>'
        '<p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr>{cadre(x, y, largeur, hauteur)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f"<a:solidFill>{fond}</a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>"
        f'<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="fr-FR"/></a:p></p:txBody></p:sp>'
    )


PIED = (MARGE, 7.05, 11.3, 0.3)
NUMERO = (LARGEUR - MARGE - 0.9, 7.05, 0.9, 0.3)
SURTITRE = (MARGE, 0.36, UTILE, 0.32)
TITRE = (MARGE, 0.7, UTILE, 0.95)


def _invite(texte: str) -> str:
    return f'<a:p><a:r><a:rPr lang="fr-FR"/><a:t>{texte}</a:t></a:r></a:p>'


def _petit(couleur: str, alignement: str) -> str:
    return (
        f'<a:lstStyle><a:lvl1pPr marL="0" indent="0" algn="{alignement}"><a:buNone/><a:defRPr sz="1200">'
        f"<a:solidFill>{theme(couleur)}</a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle>"
    )


NUMERO_CHAMP = (
    '<a:p><a:fld id="{C1FF6DA9-008F-8B48-92A6-B652298478BF}" type="slidenum"><a:rPr lang="fr-FR" sz="1200"/>'
    "<a:t>‹N°›</a:t></a:fld></a:p>"
)


Place = tuple[float, float, float, float]


def _place(
    identifiant: int,
    nom: str,
    genre: str,
    ou: Place,
    texte: str,
    corps: str = "/>",
    styles: str = _SANS_STYLE,
) -> str:
    """Return a placeholder of the master, or of a layout; `corps` ends its `a:bodyPr`."""
    dedans = f"<a:bodyPr {_SERRE}{corps}"
    return emplacement(identifiant, nom, genre, texte, cadre(*ou) + _RECT, dedans, styles)


_AJUSTE = "><a:normAutofit/></a:bodyPr>"
_CENTRE = ' anchor="ctr"/>'


def _bas_de_page() -> str:
    vide = '<a:p><a:endParaRPr lang="fr-FR"/></a:p>'
    pied, numero = 'type="ftr" sz="quarter" idx="11"', 'type="sldNum" sz="quarter" idx="12"'
    return _place(20, "Pied de page", pied, PIED, vide, _CENTRE, _petit("tx1", "l")) + _place(
        21, "Numéro de diapositive", numero, NUMERO, NUMERO_CHAMP, _CENTRE, _petit("tx1", "r")
    )


def _titre(genre: str = 'type="title"', ou: Place = TITRE, ancre: str = "t") -> str:
    invite = _invite("Ce que montre la diapositive")
    return _place(2, "Titre", genre, ou, invite, f' anchor="{ancre}"{_AJUSTE}')


def _surtitre() -> str:
    styles = (
        '<a:lstStyle><a:lvl1pPr marL="0" indent="0"><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/>'
        f'<a:defRPr sz="1600" b="1"><a:solidFill>{theme("accent1")}</a:solidFill></a:defRPr>'
        "</a:lvl1pPr></a:lstStyle>"
    )
    genre = 'type="body" sz="quarter" idx="13"'
    return _place(3, "Section", genre, SURTITRE, _invite("Section"), _CENTRE, styles)


def _corps(ou: Place, rang: int = 1) -> str:
    return _place(3 + rang, f"Texte {rang}", f'type="body" idx="{rang}"', ou, _invite("Texte"), _AJUSTE)


def _maitre() -> str:
    return (
        rectangle(30, "Filet", 0, 7.0, LARGEUR, 0.02, theme("bg2"))
        + _titre()
        + _corps((MARGE, HAUT, UTILE, BAS - HAUT))
        + _bas_de_page()
    )


def _couverture() -> str:
    return (
        rectangle(30, "Aplat", 0, 0.28, 0.28, HAUTEUR - 0.28, theme("accent1"))
        + _titre('type="ctrTitle"', (0.9, 1.0, 6.9, 1.6), "b")
        + _place(
            3, "Sous-titre", 'type="subTitle" idx="1"', (0.9, 2.7, 6.9, 0.9), _invite("Sous-titre"), _AJUSTE
        )
        + _bas_de_page()
    )


def _texte() -> str:
    return _surtitre() + _titre() + _corps((MARGE, HAUT, UTILE, BAS - HAUT)) + _bas_de_page()


def _deux() -> str:
    large = (UTILE - _GOUTTIERE) / 2
    corps = (
        _corps((MARGE + rang * (large + _GOUTTIERE), HAUT, large, BAS - HAUT), rang + 1) for rang in range(2)
    )
    return _surtitre() + _titre() + "".join(corps) + _bas_de_page()


def _libre() -> str:
    return _surtitre() + _titre() + _bas_de_page()


def _styles() -> str:
    def niveau(rang: int, corps: int, gras: bool, couleur: str, puce: str) -> str:
        return (
            f'<a:lvl{rang}pPr marL="{(rang - 1) * 254000}" indent="0" algn="l"><a:spcBef>'
            f'<a:spcPts val="600"/></a:spcBef>{puce}'
            f'<a:defRPr sz="{corps * 100}" b="{int(gras)}" kern="1200">'
            f"<a:solidFill>{theme(couleur)}</a:solidFill>"
            '<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/>'
            f"</a:defRPr></a:lvl{rang}pPr>"
        )

    puce = f'<a:buFont typeface="{POLICE}"/><a:buChar char="•"/>'
    corps = niveau(1, 20, False, "tx1", "<a:buNone/>") + "".join(
        niveau(r, 18, False, "tx1", puce) for r in range(2, 6)
    )
    return (
        f"<p:txStyles {nsdecls('p', 'a')}>"
        f"<p:titleStyle>{niveau(1, 28, True, 'tx2', '<a:buNone/>')}</p:titleStyle>"
        f"<p:bodyStyle>{corps}</p:bodyStyle>"
        f"<p:otherStyle>{niveau(1, 16, False, 'tx1', '<a:buNone/>')}</p:otherStyle></p:txStyles>"
    )
