"""The DOCX of a document, read back: its first page, its clauses, its tables."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx as word
import pytest
from commande import Observatoire

from publication.lecture.chiffres import Cellule
from publication.portraits import docx
from publication.portraits.modele import Document, Liste, Paragraphe, Point, Section, Tableau
from tests.publication.portraits import exemples, parcours

BAS_REVENUS = Tableau.de("Les chiffres", ("Indicateur", "Chiffre"), [("Places\x0b", "118")], ("Chiffre",))


def schema() -> Document:
    elements = (Paragraphe("« Répertorie »"), BAS_REVENUS, Liste("Le plan", (Point("a", (Point("b"),)),)))
    return replace(exemples.portrait(), sections=(Section("offre", "1° L'offre", elements),))


def lire(octets: bytes) -> word.document.Document:
    return word.Document(BytesIO(octets))


def test_its_first_page_says_that_figures_are_invented_and_what_is_quoted() -> None:
    document = schema()
    lu = lire(docx.rendre(document))
    avant = [p.text for p in lu.paragraphs[:3]]
    assert avant == [document.titre, document.sous_titre, document.bandeau]
    (page,) = lu.sections
    assert page.header.paragraphs[0].text == document.bandeau
    assert page.footer.paragraphs[0].text == document.edition.citation
    sans = lire(docx.rendre(replace(document, bandeau=None)))
    assert document.bandeau not in [p.text for p in sans.paragraphs] + [
        sans.sections[0].header.paragraphs[0].text
    ]


def test_clauses_are_headings_lists_are_lists_and_tables_keep_their_headings() -> None:
    lu = lire(docx.rendre(schema()))
    styles = {p.text: p.style.name for p in lu.paragraphs if p.style is not None}
    assert styles["1° L'offre"] == "Heading 1" and styles["Le plan"] == "Heading 2"
    assert (styles["a"], styles["b"]) == ("List Bullet", "List Bullet 2")
    (table,) = lu.tables[1:]
    assert [[c.text for c in ligne.cells] for ligne in table.rows] == [
        ["Indicateur", "Chiffre"],
        ["Places", "118"],
    ]
    assert "w:tblHeader" in table.rows[0]._tr.xml


def test_a_figure_known_between_bounds_says_them() -> None:
    document = exemples.portrait()
    (flou, *_) = (c for c in document.chiffres.values() if c.intervalle)
    cellule = Cellule(flou.texte, chiffre=flou.reference)
    tableau = Tableau.de("Un chiffre", ("", "Chiffre"), [("a", cellule)])
    lu = lire(docx.rendre(replace(document, sections=(Section("s", "S", (tableau,)),))))
    assert lu.tables[-1].cell(1, 1).text == f"{flou.texte} ({flou.intervalle})"


def test_every_section_of_a_portrait_is_there_charts_by_their_tables() -> None:
    document = exemples.portrait()
    lu = lire(docx.rendre(document))
    textes = {p.text for p in lu.paragraphs} | {c.text for t in lu.tables for li in t.rows for c in li.cells}
    for element in parcours.elements_de(document.sections):
        if isinstance(element, Paragraphe):
            assert element.texte in textes
        elif isinstance(element, Liste):
            assert set(parcours.points(element.points)) <= textes
        elif hasattr(element, "tableau"):
            assert element.tableau.titre in textes


@pytest.mark.parametrize("format_", ["docx", "pdf"])
def test_the_schema_of_the_baronnies_is_printed(
    demonstration: Observatoire, tmp_path: Path, format_: str
) -> None:
    options = ("--format", format_, "--sortie", str(tmp_path))
    fait = demonstration.ctg("schema", "print", "ctg:baronnies-2025", *options)
    assert fait.code == 0, fait.erreurs
    fichier = tmp_path / f"schema-ctg-baronnies-2025.{format_}"
    if format_ == "pdf":
        assert fichier.read_bytes().startswith(b"%PDF")
        return
    lu = lire(fichier.read_bytes())
    textes = [p.text for p in lu.paragraphs]
    assert "inventés" in textes[2]
    titres = [p.text for p in lu.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert (
        len(titres) == 14
        and titres[-2] == "Où l'on en est"
        and titres[1].startswith("1°")
        and titres[-1] == "Ce qui reste à écrire"
    )
    assert "Le coût prévisionnel des opérations\xa0: table calendrier, colonne cout_previsionnel" in textes
    assert "118" in [c.text for t in lu.tables for li in t.rows for c in li.cells]
