"""The portrait as a deck: what a coordinator presents, and edits."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from publication.portraits.modele import Document
from publication.portraits.pptx.couleurs import THEME
from publication.portraits.pptx.deroule import Deroule
from publication.portraits.pptx.gabarit import deck_vide


def rendre(document: Document) -> bytes:
    """Return the deck; the same document gives the same bytes."""
    deck = deck_vide(document, THEME)
    Deroule(deck, document).derouler()
    octets = BytesIO()
    deck.save(octets)
    return _figer(octets)


def _figer(octets: BytesIO) -> bytes:
    """Write the archive again, its members sorted and without a date."""
    fige = BytesIO()
    with ZipFile(octets) as source, ZipFile(fige, "w", ZIP_DEFLATED) as archive:
        for nom in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            membre = ZipInfo(nom, (1980, 1, 1, 0, 0, 0))
            membre.compress_type = ZIP_DEFLATED
            archive.writestr(membre, source.read(nom))
    return fige.getvalue()
