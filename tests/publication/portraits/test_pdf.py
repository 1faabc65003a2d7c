"""The PDF of a portrait: what it prints, read back, and the structure that screen readers follow."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from publication.lecture.chiffres import Cellule
from publication.portraits.annexes import rendre
from publication.portraits.modele import (
    Colonne,
    Comparaison,
    Document,
    Element,
    Liste,
    Message,
    Paragraphe,
    Point,
    Section,
    Tableau,
)
from tests.publication.portraits import lecture_pdf, parcours
from tests.publication.portraits.exemples import portrait, sans_carte

RACINE = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def octets() -> bytes:
    return rendre(portrait())


@pytest.fixture(scope="module")
def pdf(octets: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(octets)) as ouvert:
        yield ouvert


def texte(octets: bytes) -> str:
    """What the pages spell, read through the fonts; blanks as one space."""
    return re.sub(r"[ \n]+", " ", lecture_pdf.texte(octets))


def une_section(*elements: Element) -> Document:
    """A document of one section."""
    return replace(sans_carte(), sections=(Section("s", "Section", elements),))


def structure(noeud: Any) -> Iterator[Any]:
    """Every element of the structure, in the order that it is read."""
    if isinstance(noeud, pikepdf.Array):
        for enfant in noeud:  # type: ignore[attr-defined]
            yield from structure(enfant)
    elif isinstance(noeud, pikepdf.Dictionary):
        if "/S" in noeud:
            yield noeud
        if "/K" in noeud:
            yield from structure(noeud.K)


def elements(pdf: pikepdf.Pdf, nom: str) -> list[Any]:
    return [e for e in structure(pdf.Root.StructTreeRoot) if str(e.S) == nom]


def test_it_is_tagged_titled_and_in_french(pdf: pikepdf.Pdf) -> None:
    document = portrait()
    assert pdf.Root.MarkInfo.Marked is True or bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang) == "fr"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as xmp:
        assert xmp["pdfuaid:part"] == "1"
        assert document.titre in str(xmp["dc:title"])
        assert xmp["dc:language"] == {"fr"}
        assert document.edition.citation in str(xmp["dc:description"])


def test_every_chart_and_map_says_what_it_shows_to_who_cannot_see_it(pdf: pikepdf.Pdf) -> None:
    document = portrait()
    figures = elements(pdf, "/Figure")
    assert document.carte is not None
    attendues = [document.carte.alternative, *(g.alternative for g in parcours.graphiques(document))]
    assert [str(f.Alt) for f in figures] == attendues


def test_headings_of_columns_and_of_rows_are_told_from_figures(pdf: pikepdf.Pdf) -> None:
    tables = elements(pdf, "/Table")
    assert len(tables) == 2 + len(list(parcours.graphiques(portrait())))
    for table in tables:
        for rangee in [e for e in structure(table) if e.S == "/TR"]:
            cellules = [e for e in structure(rangee.K) if e.S in ("/TH", "/TD")]
            en_tete = rangee.P.S == "/THead"
            attendu = ["/TH"] * len(cellules) if en_tete else ["/TH", *["/TD"] * (len(cellules) - 1)]
            assert [str(c.S) for c in cellules] == attendu
            portees = [str(a.Scope) for c in cellules if c.S == "/TH" for a in c.A if "/Scope" in a]
            # Where a cell names its headings, scopes are not looked at.
            assert not any("/Headers" in a for c in cellules for a in c.get("/A", []))
            assert portees == (["/Column"] * len(cellules) if en_tete else ["/Row"])


def test_headings_follow_each_other_and_make_the_outline(pdf: pikepdf.Pdf) -> None:
    niveaux = [
        int(str(e.S)[2:]) for e in structure(pdf.Root.StructTreeRoot) if re.fullmatch(r"/H\d", str(e.S))
    ]
    assert niveaux[0] == 1 and set(niveaux) == {1, 2}
    assert all(suivant <= niveau + 1 for niveau, suivant in pairwise(niveaux))
    with pdf.open_outline() as plan:
        titres = [entree.title for entree in plan.root]
        sous = [entree.title for e in plan.root for entree in e.children]
    assert titres == [s.titre for s in portrait().sections]
    assert sous == [s.titre for section in portrait().sections for s in section.sections]


def test_every_figure_and_every_sentence_is_printed_as_it_is(octets: bytes) -> None:
    lu = texte(octets)
    document = portrait()
    for chiffre in document.chiffres.values():
        assert chiffre.texte in lu, chiffre.reference
        assert chiffre.intervalle is None or chiffre.intervalle in lu, chiffre.reference
    for libelle, valeur in document.couverture:
        assert libelle in lu and valeur in lu

    def phrases(section: Section) -> Iterator[str]:
        yield section.titre
        if section.vide:
            yield section.vide
        for element in section.elements:
            if isinstance(element, Message | Paragraphe):
                yield element.texte
            elif not isinstance(element, Liste):
                yield element.titre
                yield from element.notes

    for section in parcours.sections(document):
        for phrase in phrases(section):
            assert phrase in lu
    assert not re.search(r"\b(nan|None|inf)\b|-0\b", lu)


def test_the_banner_is_on_every_page_and_on_every_chart(pdf: pikepdf.Pdf, octets: bytes) -> None:
    document = portrait()
    assert document.bandeau is not None
    dessins = 1 + len(list(parcours.graphiques(document)))
    # Once more on the cover: the head of a page is no content to a screen reader.
    assert texte(octets).count(document.bandeau) == len(pdf.pages) + 1 + dessins
    assert "Démonstration" not in texte(rendre(sans_carte()))


def test_every_page_says_how_to_quote_it_and_where_it_stands(pdf: pikepdf.Pdf, octets: bytes) -> None:
    lu, pages = texte(octets), len(pdf.pages)
    assert lu.count(portrait().edition.citation) == pages + 1
    assert all(f"{n} / {pages}" in lu for n in range(1, pages + 1))


HOSTILES = (
    '#import "@preview/x:1.0.0": *',
    '#read("/etc/passwd")',
    "$ x $ \\ * _gras_ *gras* `code` @cible <etiquette> // rien /* rien */ ~ -- --- ... 'a' \"b\"",
    "= titre",
    "- point",
    "#",
    "]",
    "\\u{41} {{ x }} <b>&amp;</b>",
)


@pytest.mark.parametrize("hostile", HOSTILES)
def test_what_looks_like_markup_is_printed_as_it_is(hostile: str) -> None:
    tableau = Tableau(
        hostile, (Colonne(hostile), Colonne("n", True)), ((Cellule(hostile), Cellule("1")),), (hostile,)
    )
    comparaison = next(g for g in parcours.graphiques(portrait()) if isinstance(g, Comparaison))
    comparaison = replace(
        comparaison,
        titre=hostile,
        alternative=hostile,
        source=hostile,
        barres=tuple(replace(b, libelle=f"Barre {n}") for n, b in enumerate(comparaison.barres)),
    )
    document = replace(
        une_section(
            comparaison,
            Paragraphe(hostile),
            Message(hostile, "neutre", (), "r"),
            Liste(hostile, (Point(hostile),)),
            tableau,
        ),
        titre=hostile,
        couverture=((hostile, hostile),),
        bandeau=hostile,
    )
    # Blanks do not count: a long line is broken.
    lu = texte(rendre(document)).replace(" ", "")
    # Title and its running heads, cover, chart, texts, headings of a table, its note, the banner, at least.
    assert lu.count(hostile.replace(" ", "")) >= 12


def test_a_sign_that_no_font_has_is_shown_as_missing() -> None:
    octets = rendre(une_section(Paragraphe("Nyons 日本 😀 fin"), Paragraphe("Vinsobres ↗ ⚠ œ")))
    lu = texte(octets)
    assert re.search("Nyons □+ □ fin", lu) and "Vinsobres ↗ ⚠ œ" in lu


def test_a_long_table_repeats_its_headings_on_each_page_and_cuts_no_row() -> None:
    lignes = tuple(
        (Cellule(f"Commune {n}"), *(Cellule(f"{n}{FINE}{k}00") for k in range(1, 6))) for n in range(150)
    )
    titres = ("Territoire", "Alpha", "Beta", "Gamma", "Delta", "Epsilon")
    tableau = Tableau("Les communes", tuple(Colonne(t, t != "Territoire") for t in titres), lignes)
    octets = rendre(une_section(tableau))
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        pages = len(pdf.pages) - 2
    lu = texte(octets)
    assert pages > 2 and lu.count("Epsilon") == pages
    assert all(c.texte in lu for ligne in lignes for c in ligne)


FINE = "\u202f"


def test_a_table_too_wide_for_a_page_is_set_on_its_side() -> None:
    titres = ("Territoire", *(f"Exceptionnellement{n}" for n in range(9)))
    lignes = ((Cellule("Nyons"), *(Cellule("1") for _ in range(9))),)
    octets = rendre(une_section(Tableau("Large", tuple(Colonne(t) for t in titres), lignes)))
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        lu = texte(octets)
        couchees = [p.mediabox[2] > p.mediabox[3] for p in pdf.pages]
    assert couchees.count(True) == 1 and all(t in lu for t in titres)


def test_an_interval_that_a_column_says_is_not_said_twice() -> None:
    document = portrait()
    reference, chiffre = next((r, c) for r, c in document.chiffres.items() if c.intervalle)
    cellule = Cellule(chiffre.texte, statut=chiffre.statut, chiffre=reference)
    colonnes = (Colonne("Territoire"), Colonne("Valeur", True), Colonne("Intervalle", True))
    assert chiffre.intervalle is not None
    for autre, fois in (("", 1), (chiffre.intervalle, 1)):
        tableau = Tableau("T", colonnes, ((Cellule("Nyons"), cellule, Cellule(autre)),))
        octets = rendre(replace(une_section(tableau), chiffres=document.chiffres))
        assert texte(octets).count(chiffre.intervalle) == fois


def test_a_rounded_figure_of_a_directory_has_a_mark_where_its_interval_has_no_room() -> None:
    document = portrait()
    reference, chiffre = next((r, c) for r, c in document.chiffres.items() if c.statut == "arrondi")
    assert chiffre.intervalle is not None
    cellule = Cellule(chiffre.texte, statut=chiffre.statut, chiffre=reference)
    for lignes, marques, intervalles in ((3, 0, 3), (50, 50, 0)):
        tableau = Tableau(
            "T",
            (Colonne("Commune"), Colonne("Valeur", True)),
            tuple((Cellule(f"Commune {n}"), cellule) for n in range(lignes)),
        )
        lu = texte(rendre(replace(une_section(tableau), chiffres=document.chiffres)))
        assert (lu.count("≈"), lu.count(chiffre.intervalle)) == (marques, intervalles)
