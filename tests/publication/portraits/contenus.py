"""The portraits of the demonstration that tests of contents read: of which territories, and what they print.

Belongs here: what several `test_contenu_*.py` say. Does not: how portraits are made (`conftest.py`), how any
document is walked (`parcours.py`).
"""

from collections.abc import Callable, Iterator

from publication.portraits.modele import Document, Liste, Message, Paragraphe, Tableau
from tests.publication.portraits.parcours import cellules_de, elements_de, points

CTG = "ctg:baronnies-2025"
TERRITOIRES = (
    CTG,
    "ctg:demonstration-2023",
    "epci:200068229",
    "commune:26220",
    "departement:26",
    "region:84",
    "france:FR",
)
MUETS = ("secret", "non_disponible", "sans_objet")

Composer = Callable[[str], Document]
"""Gives the portrait of a territory."""


def textes(document: Document) -> Iterator[str]:
    yield from (texte for ligne in document.couverture for texte in ligne)
    for element in elements_de(document.sections):
        yield from (cellule.texte for cellule in cellules_de(element))
        if isinstance(element, Paragraphe | Message):
            yield element.texte
        elif isinstance(element, Liste):
            yield from points(element.points)
        elif isinstance(element, Tableau):
            yield from element.notes
        else:
            yield from (element.titre, element.alternative, *element.notes)
