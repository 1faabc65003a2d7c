"""The annexes of a portrait as a PDF: every section, table and map, beside the brochure (`pdf`)."""

from publication.portraits.modele import Document
from publication.portraits.pdf import composer


def rendre(document: Document) -> bytes:
    """Return the PDF of all sections; the same document gives the same bytes, anywhere."""
    return composer(document, document.sections)
