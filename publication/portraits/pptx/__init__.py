"""The portrait as a deck: what a coordinator presents, and edits."""

from io import BytesIO

from publication.portraits.archive import figer
from publication.portraits.modele import Document
from publication.portraits.pptx.charte import ouvrir
from publication.portraits.pptx.deroule import Deroule


def rendre(document: Document) -> bytes:
    """Return the deck in our own template; the same document gives the same bytes."""
    return rendre_dans(document, None, "")[0]


def rendre_dans(document: Document, modele: bytes | None, nom: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the deck in a template (.potx or .pptx), and what the template lacks, in words.

    Raises ErreurPublication when the template cannot be opened, or has no layout with a title.
    """
    charte = ouvrir(document, modele, nom)
    Deroule(charte, document).derouler()
    octets = BytesIO()
    charte.deck.save(octets)
    return figer(octets), charte.manques
