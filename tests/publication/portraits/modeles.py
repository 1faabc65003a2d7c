"""Templates of decks made by hand: what a Caf's own may be, and what may be missing from one."""

from io import BytesIO
from typing import Any

from PIL import Image
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.util import Inches

from publication.portraits.pptx.charte import MODELE, PRESENTATION
from tests.publication.portraits.parcours import remplacer_dans

POLICE, COULEUR = "Verdana", "7A1F5C"


def charte(*, sans: tuple[str, ...] = (), largeur: float = 10.0, hauteur: float = 5.625) -> bytes:
    """A template of another size, font, colour and logo, as .potx, with a slide of example in it.

    `sans`: the names of the layouts that it lacks, of those that PowerPoint begins with.
    """
    deck = Presentation()
    facteur = largeur * 914400 / deck.slide_width, hauteur * 914400 / deck.slide_height
    deck.slide_width, deck.slide_height = Inches(largeur), Inches(hauteur)
    _mettre_a_l_echelle(deck.slide_master, *facteur)
    for disposition in list(deck.slide_layouts):
        if disposition.name in sans:
            deck.slide_layouts.remove(disposition)
        else:
            _mettre_a_l_echelle(disposition, *facteur)
    theme = deck.slide_master.part.part_related_by(RT.THEME)
    texte = theme.blob.decode().replace('typeface="Calibri"', f'typeface="{POLICE}"')
    theme.blob = texte.replace("4F81BD", COULEUR).encode()
    for taille in deck.slide_master.part._element.findall(".//{*}titleStyle/{*}lvl1pPr/{*}defRPr"):
        taille.set("sz", "2400")
    logo = BytesIO()
    Image.new("RGB", (80, 40), f"#{COULEUR}").save(logo, "PNG")
    _, rid = deck.slide_master.part.get_or_add_image_part(logo)
    deck.slide_master.shapes._spTree.append(_image(rid, largeur, hauteur))
    exemple = deck.slides.add_slide(deck.slide_layouts[0])
    if exemple.shapes.title is not None:
        exemple.shapes.title.text = "Exemple à retirer"
    octets = BytesIO()
    deck.save(octets)
    return remplacer_dans(octets.getvalue(), "[Content_Types].xml", PRESENTATION, MODELE)


def _mettre_a_l_echelle(support: Any, en_x: float, en_y: float) -> None:
    """Move the places of a master or a layout to a slide of another size."""
    for xfrm in support.part._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm"):
        for balise, x, y in (("off", "x", "y"), ("ext", "cx", "cy")):
            place = xfrm.find(f"{{*}}{balise}")
            place.set(x, str(round(int(place.get(x)) * en_x)))
            place.set(y, str(round(int(place.get(y)) * en_y)))


def _image(rid: str, largeur: float, hauteur: float) -> Any:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    x, y = round((largeur - 1) * 914400), round((hauteur - 0.5) * 914400)
    return parse_xml(
        f'<p:pic {nsdecls("p", "a", "r")}><p:nvPicPr><p:cNvPr id="99" name="Logo" descr="Logo"/>'
        f'<p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="{rid}"/><a:stretch><a:fillRect/>'
        f'</a:stretch></p:blipFill><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="800000" cy="400000"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )
