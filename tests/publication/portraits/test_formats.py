"""The four formats of one document, beside each other: none says a number that the others do not."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from python_calamine import load_workbook

from publication.lecture.chiffres import Cellule
from publication.lecture.marts import ouvrir
from publication.portraits.contenu import composer
from publication.portraits.formats import FORMATS, rendre
from publication.portraits.modele import Comparaison, Document, Section, Serie, Vue
from tests.publication.portraits import exemples, lecture_pdf, parcours

_NOMBRE = re.compile("\\d+(?:[\u202f\u00a0 ]\\d{3}(?!\\d))*(?:,\\d+)?")
_SANS_TEXTE = re.compile("<(style|script).*?</\\1>", re.DOTALL)


def nombres(texte: str) -> set[str]:
    """The numbers of a text, as they are printed."""
    return {n.replace("\u00a0", "\u202f").replace(" ", "\u202f") for n in _NOMBRE.findall(texte)}


def en_nombre(texte: str) -> float:
    return float(texte.replace("\u202f", "").replace(",", "."))


def dits(document: Document) -> set[str]:
    """The numbers of the page: printed, or told by a title or a label; and those of the codes it quotes."""
    page = _SANS_TEXTE.sub("", rendre(document, "html").decode())
    titres = re.findall(r'(?:title|aria-label)="([^"]*)"', page)
    imprimes = html.unescape(re.sub("<[^>]*>", "\n", page))
    quotes = [f"{c.reference}\n{c.texte}\n{c.intervalle}" for c in document.chiffres.values()]
    return nombres("\n".join([imprimes, *map(html.unescape, titres), *quotes]))


def membres(octets: bytes) -> Iterator[tuple[str, str]]:
    """The XML of a deck, and of the workbooks that its charts hold."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        for nom in archive.namelist():
            if nom.endswith(".xlsx"):
                yield from ((f"{nom}/{dedans}", xml) for dedans, xml in membres(archive.read(nom)))
            elif nom.endswith(".xml"):
                yield nom, archive.read(nom).decode()


def textes_de_la_presentation(octets: bytes) -> tuple[str, set[float], int]:
    """Its texts (slides, notes, alternatives), the numbers of its charts, how many slides it has."""
    textes: list[str] = []
    traces: set[float] = set()
    diapositives = 0
    for nom, xml in membres(octets):
        if re.fullmatch(r"ppt/(slides|notesSlides)/\w+\.xml", nom):
            diapositives += nom.startswith("ppt/slides/")
            textes += ["".join(re.findall("<a:t>([^<]*)</a:t>", p)) for p in xml.split("</a:p>")]
            textes += re.findall('descr="([^"]*)"', xml)
        elif nom.startswith("ppt/charts/"):
            traces |= {float(v) for v in re.findall(r"<c:pt [^>]*><c:v>(-?[\d.]+)</c:v>", xml)}
        elif "/xl/worksheets/" in nom:
            cellules = re.findall(r'<c r="[A-Z]+\d+"(?![^>]*t="s")[^>]*><v>(-?[\d.]+)</v>', xml)
            traces |= {float(v) for v in cellules}
    return html.unescape("\n".join(textes)), traces, diapositives


@pytest.mark.parametrize("format_", [*FORMATS, "docx"])
def test_the_same_document_gives_the_same_bytes_on_any_day_in_any_place(format_: str) -> None:
    ici = rendre(exemples.portrait(), format_)
    assert rendre(exemples.portrait(), format_) == ici == parcours.rendre_ailleurs(format_)


@pytest.mark.parametrize("faire", [exemples.portrait, exemples.sans_carte])
@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_reads_as_a_missing_value_or_a_float(format_: str, faire: Callable[[], Document]) -> None:
    octets = rendre(faire(), format_)
    if format_ in ("pdf", "annexes"):
        lu = lecture_pdf.texte(octets)
    elif format_ == "html":
        lu = re.sub("<[^>]*>", "\n", _SANS_TEXTE.sub("", octets.decode()))
    else:
        textes = "".join(xml for nom, xml in membres(octets) if "/media/" not in nom)
        lu = "\n".join(re.findall("<(?:a:)?t(?: [^>]*)?>([^<]*)</", textes))
    assert lu and not (trouve := parcours.DOUTEUX.search(lu)), trouve


@pytest.mark.parametrize(
    ("format_", "graphique"), [("pptx", "foyers-allocataires"), ("xlsx", "bas-revenus-compare")]
)
def test_a_chart_without_a_number_is_its_table_alone(format_: str, graphique: str) -> None:
    document, secret = exemples.portrait(), Cellule("s", statut="secret")
    (trace,) = (g for g in parcours.graphiques(document) if g.identifiant == graphique)
    if isinstance(trace, Serie):
        lignes = (replace(li, valeurs=tuple(secret for _ in li.valeurs)) for li in trace.lignes)
        trace = replace(trace, lignes=tuple(lignes))
    elif isinstance(trace, Comparaison):
        trace = replace(trace, barres=tuple(replace(b, valeur=secret) for b in trace.barres))
    rien = "Rien à tracer"
    vues, sections = (Vue("x", rien, rien, ((trace,),)),), (Section("x", rien, (trace,)),)
    octets = rendre(replace(document, sections=sections, presentation=vues), format_)
    assert not [nom for nom, _ in parcours.archives(octets) if "chart" in nom]


def test_no_format_says_a_number_that_the_page_does_not(base: Path, tmp_path: Path) -> None:
    """A deck, a PDF, a workbook and the numbers of their charts, held to the page."""
    with ouvrir(base) as marts:
        document = composer(marts, "ctg:demonstration-2023")
    assert any(c.statut == "arrondi" for c in document.chiffres.values())
    connus = dits(document)
    valeurs = {en_nombre(n) for n in connus}
    annexes = rendre(document, "annexes")
    with pikepdf.open(io.BytesIO(annexes)) as lu:
        feuilles = len(lu.pages)
    lus = nombres(lecture_pdf.texte(annexes))
    pages = [lus - connus, nombres(lecture_pdf.texte(rendre(document, "pdf"))) - connus]
    assert len(lus & connus) > 100
    texte, traces, diapositives = textes_de_la_presentation(rendre(document, "pptx"))
    pages.append(nombres(texte) - connus)
    # The axis of a series names every year from its first to its last, or those that have room.
    series = [g for g in parcours.graphiques(document) if isinstance(g, Serie)]
    annees = {float(a) for g in series for a in range(min(g.annees), max(g.annees) + 1)}
    for inconnus in pages:
        # Pages and slides are numbered, and a page has no such number.
        autres = {n for n in inconnus if not (n.isdigit() and int(n) <= max(feuilles, diapositives))}
        assert {n for n in autres if en_nombre(n) not in annees} == set()
    assert traces and diapositives and len(nombres(texte) & connus) > 100
    # A chart of Office holds the bounds of a bar as how far they are from its end.
    etendues = {
        round(abs(borne - c.nombre), 6)
        for c in parcours.cellules(document)
        for borne in (c.basse, c.haute)
        if borne is not None and c.nombre is not None
    }
    assert {v for v in traces if not {abs(v), round(abs(v), 6)} & (valeurs | annees | etendues)} == set()
    classeur = tmp_path / "portrait.xlsx"
    classeur.write_bytes(rendre(document, "xlsx"))
    livre = load_workbook(classeur)
    lus = {
        round(abs(v), 9)
        for feuille in livre.sheet_names
        for ligne in livre.get_sheet_by_name(feuille).to_python()
        for v in ligne
        if isinstance(v, float)
    }
    assert len(lus) > 100
    # A percentage is a hundredth in a cell that prints it as one; a sheet lists bounds of its own.
    bornes = {abs(b) for c in parcours.cellules(document) for b in (c.basse, c.haute) if b is not None}
    assert {v for v in lus if not {v, round(v * 100, 6)} & (valeurs | bornes)} == set()
