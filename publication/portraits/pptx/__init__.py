"""The portrait as a deck: what a coordinator presents, and edits."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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
    return _figer(octets), charte.manques


def _figer(octets: BytesIO) -> bytes:
    """Write the archive again, its members sorted and without a date."""
    fige = BytesIO()
    with ZipFile(octets) as source, ZipFile(fige, "w", ZIP_DEFLATED) as archive:
        for nom in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            membre = ZipInfo(nom, (1980, 1, 1, 0, 0, 0))
            membre.compress_type = ZIP_DEFLATED
            archive.writestr(membre, source.read(nom))
    return fige.getvalue()
