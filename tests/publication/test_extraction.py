"""What `ctg extraire` writes: a text of the release is no formula of the reader's spreadsheet."""

import csv
import io

import pytest

from publication.extraction import COLONNES, Extraction
from publication.extraction.csv import rendre
from publication.portraits.contenu.lecture import Territoire
from tests.publication.portraits import exemples


@pytest.mark.parametrize(
    ("imprimee", "ecrite"),
    [
        # A rise is printed with its sign; what only begins so may be a formula, as in any other column.
        ("+24", "+24"),
        ("+1\u202f250,5\u202f%", "+1\u202f250,5\u202f%"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
    ],
)
def test_a_printed_rise_keeps_its_sign_and_no_text_is_a_formula(imprimee: str, ecrite: str) -> None:
    ligne = tuple(imprimee for _ in COLONNES)
    nyons = Territoire("commune:26220", "commune", "26220", "Nyons", "26", "84", "200068229", True)
    lue = rendre(Extraction(nyons, exemples.portrait().edition, None, (ligne,)))
    (_, cellules) = csv.reader(io.StringIO(lue.decode("utf-8-sig")), delimiter=";")
    par_titre = dict(zip((c.titre for c in COLONNES), cellules, strict=True))
    assert par_titre["Valeur affichée"] == ecrite
    assert par_titre["Motif"] == f"'{imprimee}"
