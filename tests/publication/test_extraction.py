"""What `ctg extraire` writes: a text of the release is no formula of the reader's spreadsheet."""

import csv
import io

import openpyxl
import pytest

from publication.classeurs import extraction_xlsx as xlsx
from publication.classeurs.extraction import COLONNES, Extraction, Nombre, en_csv_francais
from publication.commun.marts import Territoire
from socle.affichage import Unite
from tests.publication.portraits import exemples

NYONS = Territoire("commune:26220", "commune", "26220", "Nyons", "26", "84", "200068229", True)


@pytest.mark.parametrize(
    ("imprimee", "ecrite"),
    [
        # A rise is printed with its sign; what only begins so may be a formula, in any column.
        ("+24", "+24"),
        ("+1\u202f250,5\u202f%", "+1\u202f250,5\u202f%"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
    ],
)
def test_a_printed_rise_keeps_its_sign_and_no_text_is_a_formula(imprimee: str, ecrite: str) -> None:
    ligne = tuple(imprimee for _ in COLONNES)
    lue = en_csv_francais(Extraction(NYONS, exemples.portrait().edition, None, (ligne,)))
    (_, cellules) = csv.reader(io.StringIO(lue.decode("utf-8-sig")), delimiter=";")
    par_titre = dict(zip((c.titre for c in COLONNES), cellules, strict=True))
    assert par_titre["Valeur affichée"] == ecrite
    assert par_titre["Motif"] == ecrite


@pytest.mark.parametrize(
    ("valeur", "signes"),
    [(0.06, {"+", "−"}), (-0.06, {"+", "−"}), (0.04, set()), (-0.04, set()), (0.0, set())],
)
def test_what_prints_zero_has_no_sign_in_a_workbook(valeur: float, signes: set[str]) -> None:
    evolution = Unite("evolution", "nombre", "%", "", "", "", "", signee=True)
    ligne = tuple(Nombre(valeur, "", evolution, 1) for _ in COLONNES)
    octets = xlsx.rendre(Extraction(NYONS, exemples.portrait().edition, None, (ligne,)))
    cellule = openpyxl.load_workbook(io.BytesIO(octets))["Chiffres"]["D3"]
    assert cellule.value == valeur
    assert signes == {"+", "−"} & set(cellule.number_format)
