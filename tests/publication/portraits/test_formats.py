"""The four formats of one document, beside each other and under the scan of a release.

Belongs here: that none says a number which the others do not, that what is planted in a document is found in
each. Does not: how each is laid out (one file per format).
"""

import copy
import dataclasses
import html
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commande import Observatoire
from confidentialite.preuve.balayage import balayer
from confidentialite.preuve.contenus import contenus
from python_calamine import load_workbook

from publication.commun.marts import ouvrir
from publication.portraits.contenu import composer
from publication.portraits.formats import FORMATS, rendre
from publication.portraits.modele import Document, Serie
from tests.publication.portraits import exemples, parcours

CANARI = "canari8f2e"
PSEUDONYME = "0123456789abcdef" * 4
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
    quotes = [f"{c.reference} {c.texte} {c.intervalle}" for c in document.chiffres.values()]
    return nombres("\n".join([imprimes, *map(html.unescape, titres), *quotes]))


def textes_de_la_presentation(octets: bytes) -> tuple[str, set[float], int]:
    """Its texts (slides, notes, alternatives), the numbers of its charts, how many slides it has."""
    textes: list[str] = []
    traces: set[float] = set()
    diapositives = 0
    for nom, contenu in contenus(octets):
        if contenu is None or not nom.endswith(".xml") or "/_rels/" in nom:
            continue
        xml = contenu.decode("utf-8", "replace")
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


@pytest.fixture(scope="module")
def base(demonstration: Observatoire) -> Path:
    return demonstration.courante / "ctg.duckdb"


def test_no_format_says_a_number_that_the_page_does_not(base: Path, tmp_path: Path) -> None:
    """What the scan cannot compare in a deck, a PDF and the charts' numbers, held to the page it compares."""
    with ouvrir(base) as marts:
        document = composer(marts, "ctg:demonstration-2023")
    assert any(c.statut == "secret" for c in document.chiffres.values())
    connus = dits(document)
    valeurs = {en_nombre(n) for n in connus}
    pdf = {nom: contenu for nom, contenu in contenus(rendre(document, "pdf")) if contenu is not None}
    pages = [nombres(pdf["text"].decode("utf-8", "replace")) - connus]
    assert len(nombres(pdf["text"].decode("utf-8", "replace")) & connus) > 100
    texte, traces, diapositives = textes_de_la_presentation(rendre(document, "pptx"))
    pages.append(nombres(texte) - connus)
    for inconnus in pages:
        # Pages and slides are numbered, and a page has no such number.
        assert {n for n in inconnus if not (n.isdigit() and int(n) <= 2 * diapositives)} == set()
    assert traces and diapositives and len(nombres(texte) & connus) > 100
    # The axis of a series names every year from its first to its last.
    series = [g for g in parcours.graphiques(document) if isinstance(g, Serie)]
    annees = {float(a) for g in series for a in range(min(g.annees), max(g.annees) + 1)}
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


def _release(dossier: Path, document: Document) -> Path:
    """The table that the scan compares with, for the figures of a document."""
    (dossier / "parquet").mkdir(parents=True)
    lignes = [
        {
            "indicateur_id": c.indicateur_id,
            "territoire_id": c.territoire_id,
            "millesime": c.millesime,
            "statut": c.statut,
            "valeur": c.nombre,
            "valeur_texte": None if c.nombre is not None else c.texte,
        }
        for c in document.chiffres.values()
    ]
    pq.write_table(pa.Table.from_pylist(lignes), dossier / "parquet" / "fct_indicateurs.parquet")
    (dossier / "portraits").mkdir()
    return dossier


def _trouves(release: Path, document: Document, format_: str, **options: object) -> set[str]:
    """What the scan says of a document in one format, without the places within the file."""
    fichier = release / "portraits" / f"portrait.{format_}"
    fichier.write_bytes(rendre(document, format_))
    return {
        f"{t.table} {t.motif}" if t.table.count("|") == 2 else t.motif
        for t in balayer(release, [document.edition.content_hash], **options)  # type: ignore[arg-type]
    }


@pytest.mark.parametrize("format_", FORMATS)
def test_a_canary_and_a_pseudonym_are_found_in_each_format(format_: str, tmp_path: Path) -> None:
    document = exemples.portrait()
    release = _release(tmp_path, document)
    assert _trouves(release, document, format_, canaris=[CANARI]) == set()
    trahi = dataclasses.replace(document, sous_titre=f"{document.sous_titre} {CANARI}")
    assert any("planted" in t for t in _trouves(release, trahi, format_, canaris=[CANARI]))
    trahi = dataclasses.replace(document, sous_titre=PSEUDONYME)
    assert any("pseudonym" in t for t in _trouves(release, trahi, format_))


@pytest.mark.parametrize("format_", ["html", "xlsx"])
def test_a_figure_behind_a_mask_is_found_in_the_page_and_the_workbook(format_: str, tmp_path: Path) -> None:
    """A document refuses such a figure; here it is forced past that, as by a fault to come."""
    # A copy of its own: the other tests share theirs.
    document = copy.deepcopy(exemples.portrait())
    release = _release(tmp_path, document)
    masque = next(c for c in document.chiffres.values() if c.statut == "secret")
    for chiffre_ou_cellule in (masque, *parcours.cellules(document)):
        if masque.reference in (
            getattr(chiffre_ou_cellule, "reference", None),
            getattr(chiffre_ou_cellule, "chiffre", None),
        ):
            object.__setattr__(chiffre_ou_cellule, "texte", "7")
            object.__setattr__(chiffre_ou_cellule, "nombre", 7.0)
    assert any(t.startswith(masque.reference) for t in _trouves(release, document, format_))
