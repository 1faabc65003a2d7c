"""An Office file is an archive: written again without a date, the same document gives the same bytes."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def figer(octets: BytesIO) -> bytes:
    """Return the archive with its members sorted and without a date."""
    fige = BytesIO()
    with ZipFile(octets) as source, ZipFile(fige, "w", ZIP_DEFLATED) as archive:
        for nom in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            membre = ZipInfo(nom, (1980, 1, 1, 0, 0, 0))
            membre.compress_type = ZIP_DEFLATED
            archive.writestr(membre, source.read(nom))
    return fige.getvalue()
