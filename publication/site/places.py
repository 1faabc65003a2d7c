"""The outlines of communes for small maps: drawn once, shared by every page that shows a place on them."""

import json
from dataclasses import dataclass
from html import escape
from itertools import groupby

from markupsafe import Markup

from publication.commun.apparence import ACCENT, BARRE_AUTRE, CONTOUR, PAPIER
from publication.lecture.ensembles import MartsEntiers
from publication.lecture.lots import Ligne
from publication.portraits.contenu.contours import contours_de
from publication.portraits.svg.cartes import chemin


@dataclass(frozen=True)
class Places:
    """Outlines by EPCI, and what their producer is called. `corps`: the inside of an `<svg>`."""

    largeur: int
    hauteur: int
    corps: Markup
    source: str

    def script(self, departement: str) -> str:
        """Return what a page loads to show them, under the code of their département."""
        figure = (
            f'<svg class="places" viewBox="0 0 {self.largeur} {self.hauteur}" role="img"'
            f' aria-label="Carte des communes">{self.corps}</svg>'
            f"<figcaption>Un clic choisit une commune. Contours : {escape(self.source)}.</figcaption>"
        )
        cle, dit = json.dumps(departement), json.dumps(figure, ensure_ascii=False)
        return f"(window.CTG_CARTES=window.CTG_CARTES||{{}})[{cle}]={dit};\n"

    @property
    def svg(self) -> str:
        """The file: an address that ends with `#c26220` shows that commune, and its EPCI around it."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.largeur} {self.hauteur}"><style>'
            f"path{{fill:{PAPIER};stroke:{CONTOUR};stroke-width:.8}}"
            f"g:has(:target) path{{fill:{BARRE_AUTRE}}}g path:target{{fill:{ACCENT}}}</style>"
            f"{self.corps}</svg>\n"
        )


def places(marts: MartsEntiers, communes: list[Ligne]) -> Places | None:
    """Draw communes, those of an EPCI together; None where the release has no outlines."""
    contours = contours_de(marts, tuple(c["code"] for c in communes))
    if contours is None:
        return None
    corps = "".join(
        "<g>"
        + "".join(
            f'<path id="c{c["code"]}" d="{chemin(contours.communes[c["code"]], 1)}"/>'
            for c in membres
            if c["code"] in contours.communes
        )
        + "</g>"
        for _, membres in groupby(
            sorted(communes, key=lambda c: (c["epci"] or "", c["code"])), key=lambda c: c["epci"]
        )
    )
    return Places(round(contours.largeur), round(contours.hauteur), Markup(corps), contours.source)
