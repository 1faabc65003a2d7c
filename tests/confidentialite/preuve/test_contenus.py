"""What wraps a text: in each format that readers are given, one planted in each hiding place is found."""

import base64
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pikepdf
import pytest
import typst
from openpyxl.comments import Comment
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm
from test_balayage import archive

from confidentialite.preuve.balayage import balayer

CANARI = "canari-8f2e é"
PSEUDONYME = "0123456789abcdef" * 4


def classeur(planter: Callable[[openpyxl.Workbook], None]) -> bytes:
    livre = openpyxl.Workbook()
    livre.active.append(["Commune", 12])
    planter(livre)
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()


def cachee(texte: str) -> Callable[[openpyxl.Workbook], None]:
    def planter(livre: openpyxl.Workbook) -> None:
        feuille = livre.create_sheet("calculs")
        feuille.append([texte])
        feuille.sheet_state = "veryHidden"

    return planter


def commentee(texte: str) -> Callable[[openpyxl.Workbook], None]:
    def planter(livre: openpyxl.Workbook) -> None:
        livre.active["A1"].comment = Comment(texte, "x")

    return planter


def decrite(texte: str) -> Callable[[openpyxl.Workbook], None]:
    def planter(livre: openpyxl.Workbook) -> None:
        livre.properties.keywords = texte

    return planter


def diaporama(texte: str, note: bool) -> bytes:
    """A native chart, whose data is a workbook within the deck; or the notes under a slide."""
    deck = Presentation()
    page = deck.slides.add_slide(deck.slide_layouts[6])
    donnees = CategoryChartData()
    donnees.categories = ["Nyons" if note else texte]
    donnees.add_series("2022", (1,))
    page.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, Cm(1), Cm(1), Cm(9), Cm(9), donnees)
    if note:
        page.notes_slide.notes_text_frame.text = texte
    tampon = io.BytesIO()
    deck.save(tampon)
    if note:
        return tampon.getvalue()
    # The drawing keeps a copy of its data: only the workbook within is looked at here.
    sortie = io.BytesIO()
    with zipfile.ZipFile(tampon) as lu, zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as ecrit:
        for nom in lu.namelist():
            octets = lu.read(nom)
            ecrit.writestr(nom, octets.replace(texte.encode(), b"x") if "charts/chart" in nom else octets)
    return sortie.getvalue()


def pdf(planter: Callable[[pikepdf.Pdf], None]) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    planter(document)
    tampon = io.BytesIO()
    document.save(tampon, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return tampon.getvalue()


def annotation(texte: str) -> Callable[[pikepdf.Pdf], None]:
    def planter(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 9, 9],
            Contents=pikepdf.String(texte),
        )
        document.pages[0].Annots = document.make_indirect([document.make_indirect(note)])

    return planter


def jointe(texte: str) -> Callable[[pikepdf.Pdf], None]:
    """An archive attached to the document."""

    def planter(document: pikepdf.Pdf) -> None:
        octets = archive({"donnees.csv": texte.encode()})
        document.attachments["donnees.zip"] = pikepdf.AttachedFileSpec(document, octets)

    return planter


def metadonnees(texte: str) -> Callable[[pikepdf.Pdf], None]:
    def planter(document: pikepdf.Pdf) -> None:
        document.docinfo["/Keywords"] = texte

    return planter


def xmp(texte: str) -> Callable[[pikepdf.Pdf], None]:
    def planter(document: pikepdf.Pdf) -> None:
        with document.open_metadata() as donnees:
            donnees["dc:description"] = texte

    return planter


def compose(texte: str) -> bytes:
    """Pages set with a font cut down to its signs: nowhere in the file do the letters stand as they are."""
    source = b'#sys.inputs.texte\n#image(bytes(sys.inputs.svg), format: "svg")'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="40"><text y="20">rien</text></svg>'
    octets = typst.compile(source, sys_inputs={"texte": texte, "svg": svg}, ignore_system_fonts=True)
    assert texte.encode() not in octets
    return octets


def dessine(texte: str) -> bytes:
    """The same, in a drawing, letter by letter."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="40">'
        f'<text x="5" y="20" font-size="12">{texte}</text></svg>'
    )
    source = b'#set page(width: 40cm)\n#image(bytes(sys.inputs.svg), format: "svg")'
    return typst.compile(source, sys_inputs={"svg": svg}, ignore_system_fonts=True)


def entites(texte: str) -> str:
    return "".join(f"&#{ord(c)};" for c in texte)


FICHIERS: dict[str, Callable[[str], bytes]] = {
    "attribut.html": lambda t: f'<p title="{t}">12</p>'.encode(),
    "entites.html": lambda t: f"<p>{entites(t)}</p>".encode(),
    "svg.html": lambda t: f"<svg><title>{t}</title></svg>".encode(),
    "script.html": lambda t: ("<script>x='" + "".join(f"\\u{ord(c):04x}" for c in t) + "'</script>").encode(),
    "adresse.html": lambda t: ("<a href='?q=" + "".join(f"%{o:02X}" for o in t.encode()) + "'>").encode(),
    "donnees.html": lambda t: (
        b'<img src="data:image/svg+xml;base64,' + base64.b64encode(f"<svg>{t}</svg>".encode()) + b'">'
    ),
    "recherche.js.gz": lambda t: gzip.compress(t.encode(), mtime=0),
    "cachee.xlsx": lambda t: classeur(cachee(t)),
    "commentee.xlsx": lambda t: classeur(commentee(t)),
    "decrite.xlsx": lambda t: classeur(decrite(t)),
    "graphique.pptx": lambda t: diaporama(t, note=False),
    "notes.pptx": lambda t: diaporama(t, note=True),
    "annotation.pdf": lambda t: pdf(annotation(t)),
    "jointe.pdf": lambda t: pdf(jointe(t)),
    "metadonnees.pdf": lambda t: pdf(metadonnees(t)),
    "xmp.pdf": lambda t: pdf(xmp(t)),
    "page.pdf": compose,
    "dessin.pdf": dessine,
    "lot.zip": lambda t: archive({"tout/portrait.pdf": compose(t)}),
}


@pytest.mark.parametrize("texte", [CANARI, PSEUDONYME], ids=["canari", "pseudonyme"])
@pytest.mark.parametrize("nom", FICHIERS)
def test_a_planted_text_is_found_and_not_told(tmp_path: Path, nom: str, texte: str) -> None:
    (tmp_path / nom).write_bytes(FICHIERS[nom](texte))
    trouvailles = balayer(tmp_path, canaris=[CANARI])
    assert {t.fichier for t in trouvailles} == {nom}
    assert texte not in " ".join(map(str, trouvailles))


@pytest.mark.parametrize("nom", FICHIERS)
def test_the_same_files_without_it_are_clean(tmp_path: Path, nom: str) -> None:
    (tmp_path / nom).write_bytes(FICHIERS[nom]("Nyons, 12 places"))
    assert balayer(tmp_path, canaris=[CANARI]) == []


def test_a_text_cut_by_its_format_is_whole_again(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p><b>canari</b>-8f<i>2e</i>&nbsp;&eacute;</p>", encoding="utf-8")
    assert [t.fichier for t in balayer(tmp_path, canaris=[CANARI])] == ["a.html"]


def test_figures_that_follow_each_other_are_no_pseudonym(tmp_path: Path) -> None:
    cellules = "".join(f"<td>{n}</td>" for n in range(10, 90))
    (tmp_path / "a.html").write_text(f"<tr>{cellules}</tr>")
    table = b"#table(columns: 80, ..range(80).map(n => str(calc.rem(n, 10))))"
    (tmp_path / "a.pdf").write_bytes(
        typst.compile(b"#set page(width: 90cm)\n" + table, ignore_system_fonts=True)
    )
    assert balayer(tmp_path, canaris=[CANARI]) == []


@pytest.mark.parametrize(
    ("nom", "octets"),
    [
        ("a.xlsx", b"PK\x03\x04 cut short"),
        ("a.pdf", b"%PDF-1.7\n1 0 obj\nstream\nnothing"),
        ("a.js.gz", b"\x1f\x8b nothing"),
        ("a.zip", archive({"b.pdf": b"%PDF-1.7 nothing"})),
    ],
)
def test_what_cannot_be_opened_is_told(tmp_path: Path, nom: str, octets: bytes) -> None:
    (tmp_path / nom).write_bytes(octets)
    (trouvaille,) = balayer(tmp_path)
    assert trouvaille.fichier == nom and "cannot be opened" in trouvaille.motif


def test_what_is_wrapped_too_deep_to_be_read_is_told(tmp_path: Path) -> None:
    octets = CANARI.encode()
    for _ in range(9):
        octets = archive({"a.zip": octets})
    (tmp_path / "a.zip").write_bytes(octets)
    assert ["cannot be opened" in t.motif for t in balayer(tmp_path, canaris=[CANARI])] == [True]
