"""What a workbook asks is told from its own cells, whatever it declares and however it writes them."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from socle.classeur import ClasseurIllisible, plus_grande_feuille, premiere_feuille

ESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def classeur(feuille: str | bytes, *autres: str) -> io.BytesIO:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/workbook.xml", "<workbook/>")
        for rang, contenu in enumerate([feuille, *autres], 1):
            z.writestr(f"xl/worksheets/sheet{rang}.xml", contenu)
    return octets


def test_a_stray_cell_makes_the_rectangle() -> None:
    livre, octets = Workbook(), io.BytesIO()
    assert livre.active is not None
    livre.active.append(["a", "b"])
    livre.active["XFD1048576"] = "x"
    livre.save(octets)
    feuille = plus_grande_feuille(octets)
    assert (feuille.hauteur, feuille.largeur) == (1_048_576, 16_384)
    assert str(feuille) == "1048576 rows of 16384 columns in xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "feuille",
    [
        f'<worksheet xmlns="{ESPACE}"><sheetData><row r="7"><c r="AB7"/></row></sheetData></worksheet>',
        f"<x:worksheet xmlns:x='{ESPACE}'><x:row r='7'><x:c r='AB7'/></x:row></x:worksheet>",
        "<worksheet><row r='7'>" + "<c/>" * 28 + "</row></worksheet>",
        "<worksheet>" + "<row/>" * 6 + "<row>" + "<c/>" * 28 + "</row></worksheet>",
        '<worksheet><dimension ref="A1"/><row><c r="&#65;B7"/></row></worksheet>',
        '<?xml version="1.0" encoding="UTF-16"?><worksheet><c r="AB7"/></worksheet>'.encode("utf-16"),
    ],
)
def test_cells_count_however_they_are_written(feuille: str | bytes) -> None:
    lue = plus_grande_feuille(classeur("<worksheet><c r='B3'/></worksheet>", "<styles/>", feuille))  # type: ignore[arg-type]
    assert (lue.hauteur, lue.largeur) == (7, 28)


def test_the_first_sheet_is_that_of_the_first_tab_and_tells_its_first_error() -> None:
    octets = io.BytesIO()
    relations = ESPACE.replace("spreadsheetml/2006/main", "officeDocument/2006/relationships")
    with zipfile.ZipFile(octets, "w") as z:
        z.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{ESPACE}' xmlns:r='{relations}'><sheets>"
            "<sheet name='a' sheetId='1' r:id='rId9'/><sheet name='b' sheetId='2' r:id='rId1'/>"
            "</sheets></workbook>",
        )
        z.writestr(
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/>"
            "<Relationship Id='rId9' Target='/xl/worksheets/sheet2.xml'/></Relationships>",
        )
        z.writestr("xl/worksheets/sheet1.xml", "<worksheet><c r='A1' t='e'/></worksheet>")
        z.writestr(
            "xl/worksheets/sheet2.xml", "<worksheet><row r='4'><c/><c t='e'/><c t='e'/></row></worksheet>"
        )
    premiere = premiere_feuille(octets)
    assert (premiere.membre, premiere.erreur) == ("xl/worksheets/sheet2.xml", (4, 2))
    with pytest.raises(ClasseurIllisible, match="not found"):
        premiere_feuille(classeur("<worksheet/>"))


@pytest.mark.parametrize(
    ("octets", "vu"),
    [
        (b"", "File is not a zip file"),
        (b"PK\x03\x04 and then nothing", "File is not a zip file"),
        (classeur("<worksheet><c r='ZZZZZZZZ99999999999'/></worksheet>").getvalue(), "a cell in 'ZZZZZZZZ9"),
        (classeur("<worksheet><row r='trois'/></worksheet>").getvalue(), "invalid literal for int"),
        (
            classeur("<worksheet/>").getvalue().replace(b"xl/workbook", b"xl/document"),
            "no xl/workbook.xml in it",
        ),
    ],
)
def test_what_is_no_workbook_is_told(octets: bytes, vu: str) -> None:
    with pytest.raises(ClasseurIllisible, match=vu):
        plus_grande_feuille(io.BytesIO(octets))
