"""A document as a DOCX, to be completed in a word processor: its sections, charts by their tables.

Styles are Word's own, by name, so that a collectivité puts on its own.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO

from docx import Document as ouvrir
from docx.document import Document as Fichier
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from publication.commun import apparence
from publication.commun.lettres import propre
from publication.lecture.chiffres import Cellule
from publication.portraits.archive import figer
from publication.portraits.modele import (
    Document,
    Element,
    Liste,
    Message,
    Paragraphe,
    Point,
    Section,
    Tableau,
)

_GRILLE, _PUCES = "Table Grid", ("List Bullet", "List Bullet 2", "List Bullet 3")
_PETIT = Pt(8.5)
_A4, _MARGE = (Cm(21), Cm(29.7)), Cm(2)
_COURT = 12
"""Up to this number of rows, a table stays on one page."""
_SERREES = 5
"""Beyond this number of columns, a table is set in small."""


def rendre(document: Document) -> bytes:
    """Return the sections of a document; the same document gives the same bytes."""
    fichier = ouvrir()
    _preparer(fichier, document)
    _couverture(fichier, document)
    for section in document.sections:
        _section(fichier, document, section, 1)
    octets = BytesIO()
    fichier.save(octets)
    return figer(octets)


def _preparer(fichier: Fichier, document: Document) -> None:
    """Set the language, the colours of headings, and what each page says: the banner, the citation."""
    proprietes = fichier.core_properties
    proprietes.title = propre(f"{document.titre}, {document.sous_titre}")[:255]
    proprietes.author = proprietes.last_modified_by = "Observatoire CTG"
    proprietes.comments = propre(document.bandeau or "")[:255]
    proprietes.language = document.langue
    for langue in fichier.styles.element.iter(qn("w:lang")):
        langue.set(qn("w:val"), "fr-FR")
    for nom in ("Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3"):
        fichier.styles[nom].font.color.rgb = RGBColor.from_string(apparence.ACCENT[1:].upper())
    page = fichier.sections[0]
    page.page_width, page.page_height = _A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGE
    if document.bandeau:
        _bandeau(page.header.paragraphs[0], document.bandeau)
    _petit(page.footer.paragraphs[0], document.edition.citation)


def _bandeau(ligne: Paragraph, texte: str) -> None:
    ligne.alignment = WD_ALIGN_PARAGRAPH.CENTER
    ligne.add_run(propre(texte)).bold = True
    fond = OxmlElement("w:shd")
    fond.set(qn("w:val"), "clear")
    fond.set(qn("w:fill"), apparence.BANDEAU_FOND[1:])
    ligne._p.get_or_add_pPr().append(fond)


def _petit(ligne: Paragraph, texte: str) -> None:
    ligne.add_run(propre(texte)).font.size = _PETIT


def _couverture(fichier: Fichier, document: Document) -> None:
    fichier.add_heading(propre(document.titre), 0)
    fichier.add_paragraph(propre(document.sous_titre), "Subtitle")
    if document.bandeau:
        _bandeau(fichier.add_paragraph(), document.bandeau)
    _remplir(fichier.add_table(len(document.couverture), 2), document.couverture)
    fichier.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _section(fichier: Fichier, document: Document, section: Section, niveau: int) -> None:
    fichier.add_heading(propre(section.titre), niveau)
    if section.vide:
        fichier.add_paragraph(propre(section.vide))
    for element in section.elements:
        _element(fichier, document, element, niveau + 1)
    for sous in section.sections:
        _section(fichier, document, sous, niveau + 1)


def _element(fichier: Fichier, document: Document, element: Element, niveau: int) -> None:
    match element:
        case Paragraphe() | Message():
            fichier.add_paragraph(propre(element.texte))
        case Liste():
            if element.titre:
                fichier.add_heading(propre(element.titre), niveau)
            _points(fichier, element.points)
        case Tableau():
            _tableau(fichier, document, element, niveau)
        case _:
            _tableau(fichier, document, element.tableau, niveau)


def _points(fichier: Fichier, points: Iterable[Point], rang: int = 0) -> None:
    for point in points:
        fichier.add_paragraph(propre(point.texte), _PUCES[min(rang, len(_PUCES) - 1)])
        _points(fichier, point.sous, rang + 1)


def _dit(cellule: Cellule, document: Document) -> str:
    """What a cell prints, then its interval where it has one."""
    chiffre = document.chiffres.get(cellule.chiffre) if cellule.chiffre else None
    return f"{cellule.texte} ({chiffre.intervalle})" if chiffre and chiffre.intervalle else cellule.texte


def _tableau(fichier: Fichier, document: Document, tableau: Tableau, niveau: int) -> None:
    fichier.add_heading(propre(tableau.titre), niveau)
    lignes = [
        [c.titre for c in tableau.colonnes],
        *([_dit(c, document) for c in li] for li in tableau.lignes),
    ]
    table = fichier.add_table(len(lignes), len(tableau.colonnes), _GRILLE)
    _remplir(table, lignes)
    table.autofit = False
    for ligne in table.rows:
        ligne._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    # Its headings are read again at the top of each page.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for colonne, largeur, mise in zip(tableau.colonnes, _largeurs(lignes), table.columns, strict=True):
        mise.width, cellules = largeur, mise.cells
        cellules[0].paragraphs[0].runs[0].bold = True
        for cellule in cellules:
            cellule.width = largeur
            if len(tableau.colonnes) > _SERREES:
                cellule.paragraphs[0].runs[0].font.size = _PETIT
            cellule.paragraphs[0].paragraph_format.keep_with_next = (
                len(lignes) <= _COURT and cellule is not cellules[-1]
            )
            if colonne.chiffres:
                cellule.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    sources = f"Source : {' ; '.join(tableau.sources)}." if tableau.sources else ""
    for note in filter(None, (*tableau.notes, sources)):
        _petit(fichier.add_paragraph(), note)


def _largeurs(lignes: Sequence[Sequence[str]]) -> list[Length]:
    """How wide columns are: by their longest text, within bounds."""
    poids = [min(30, max(16, *map(len, textes))) for textes in zip(*lignes, strict=True)]
    return [Length(round((_A4[0] - 2 * _MARGE) * p / sum(poids))) for p in poids]


def _remplir(table: Table, lignes: Sequence[Sequence[str]]) -> None:
    for ligne, textes in zip(table.rows, lignes, strict=True):
        for cellule, texte in zip(ligne.cells, textes, strict=True):
            cellule.text = propre(texte)
