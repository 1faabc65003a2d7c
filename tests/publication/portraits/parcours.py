"""Walking a document, and the archives made of it.

Belongs here: what the tests of several formats ask of a document (its cells, its charts) or of an archive
(every member, those inside its members too). Does not: what is asserted.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile, is_zipfile

from publication.lecture.chiffres import Cellule
from publication.portraits.modele import (
    Carte,
    Comparaison,
    Document,
    Element,
    Graphique,
    Halteres,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Point,
    Reperes,
    Section,
    Serie,
    Tableau,
    Vue,
)

DOUTEUX = re.compile(r"\bnan\b|\bNaN\b|\bNone\b|(?<![\w,.\d|:-])[-−]0(?:[,.]0+)?(?![\d,.])|\d[.,]\d*9{5}\d")
"""What no reader should see: a missing value of Python, minus zero, a float told to its last digit."""

HOSTILES = (
    '=HYPERLINK("http://exemple.invalid","clic")',
    "+33 4 75 00 00 00",
    "-2+3",
    "@SOMME(A1)",
    "=1+1",
    "<b>&amp;</b> \"guillemets\" 'apostrophes' ]]>",
    "tabulation\tretour\r\nligne",
    "nul \x00 cloche \x07 échappement \x1b",
    "demi-mot \ud800 orphelin",
    "مرحبا \u202etexte renversé",
    "Feuille [1] : a/b\\c ? *",
    "x" * 400,
)


def descendre(racines: Iterable[Section]) -> Iterator[Section]:
    """These sections and all that is in them, a parent before its children."""
    for section in racines:
        yield section
        yield from descendre(section.sections)


def sections(document: Document) -> Iterator[Section]:
    """Every section."""
    yield from descendre(document.sections)


def elements_de(racines: Iterable[Section]) -> Iterator[Element]:
    """Every element of these sections and of all that is in them."""
    for section in descendre(racines):
        yield from section.elements


def presentee(document: Document) -> Document:
    """The document whose sections are its views: what a deck, a brochure are read against."""
    return replace(
        document,
        sections=tuple(
            Section(
                v.identifiant,
                v.titre,
                (*((v.tete,) if v.tete else ()), *(e for colonne in v.colonnes for e in colonne)),
            )
            for v in document.presentation
        ),
    )


def elements(document: Document) -> Iterator[Element]:
    yield from elements_de(document.sections)


def graphiques(document: Document) -> Iterator[Graphique]:
    yield from (e for e in elements(document) if isinstance(e, Graphique))


def tableaux(document: Document) -> Iterator[Tableau]:
    """Every table, twins of charts included."""
    for element in elements(document):
        if isinstance(element, Tableau):
            yield element
        elif isinstance(element, Graphique):
            yield element.tableau


def cellules(document: Document) -> Iterator[Cellule]:
    """Every cell that is printed or drawn."""
    for element in elements(document):
        yield from cellules_de(element)


def cellules_de(element: Element) -> Iterator[Cellule]:
    """Every cell of an element: of a chart, those of its twin, then those that are drawn."""
    match element:
        case Tableau():
            yield from (cellule for ligne in element.lignes for cellule in ligne)
        case Graphique():
            yield from cellules_de(element.tableau)
            yield from cellules_tracees(element)


def cellules_tracees(graphique: Graphique) -> Iterator[Cellule]:
    match graphique:
        case Comparaison():
            yield from (barre.valeur for barre in graphique.barres)
        case Parts():
            yield from (part.valeur for _, parts in graphique.touts for part in parts)
        case Serie():
            yield from (c for ligne in graphique.lignes for c in ligne.valeurs if c is not None)
        case Halteres():
            for ligne in graphique.lignes:
                yield from (ligne.debut, ligne.fin)
                yield from (c for *_, de, a in ligne.reperes for c in (de, a) if c is not None)
        case Reperes():
            for repere in graphique.lignes:
                yield from (repere.cellule, *(c for *_, c in repere.reperes))
        case Carte():
            yield from (zone.valeur for zone in graphique.zones)


def points(liste: Iterable[Point]) -> Iterator[str]:
    """The text of each item of a list, and of what stands under it."""
    for point in liste:
        yield point.texte
        yield from points(point.sous)


def phrases(document: Document) -> Iterator[str]:
    """Every running text: sentences, points, empty sections, titles."""
    for section in sections(document):
        if section.vide:
            yield section.vide
        for element in section.elements:
            match element:
                case Paragraphe() | Message():
                    yield element.texte
                case Liste():
                    yield element.titre
                    yield from points(element.points)
                case _:
                    yield element.titre


def archives(octets: bytes, nom: str = "") -> Iterator[tuple[str, bytes]]:
    """Every member of an archive, those of the archives inside it too."""
    with ZipFile(BytesIO(octets)) as archive:
        for membre in archive.namelist():
            contenu = archive.read(membre)
            if is_zipfile(BytesIO(contenu)):
                yield from archives(contenu, f"{nom}{membre}!")
            else:
                yield f"{nom}{membre}", contenu


def empoisonner(document: Document) -> Document:
    """The document with a hostile text in each place that holds one; its figures are as they were."""
    suite = iter(HOSTILES * 200)

    def mauvais(texte: str) -> str:
        return f"{next(suite)} {texte}"

    def tableau(t: Tableau) -> Tableau:
        return replace(
            t,
            titre=mauvais(t.titre),
            colonnes=tuple(replace(c, titre=mauvais(c.titre)) for c in t.colonnes),
            lignes=tuple(
                tuple(
                    replace(c, texte=mauvais(c.texte)) if c.chiffre is None and c.nombre is None else c
                    for c in ligne
                )
                for ligne in t.lignes
            ),
            notes=tuple(mauvais(n) for n in t.notes),
            sources=tuple(mauvais(s) for s in t.sources),
        )

    def element(e: Element) -> Element:
        match e:
            case Paragraphe() | Message():
                return replace(e, texte=mauvais(e.texte))
            case Liste():
                return replace(
                    e, titre=mauvais(e.titre), points=tuple(Point(mauvais(p.texte), p.sous) for p in e.points)
                )
            case Tableau():
                return tableau(e)
            case Comparaison():
                e = replace(e, barres=tuple(replace(b, libelle=mauvais(b.libelle)) for b in e.barres))
            case Serie():
                e = replace(e, lignes=tuple(replace(li, libelle=mauvais(li.libelle)) for li in e.lignes))
            case Parts():
                e = replace(e, touts=tuple((mauvais(nom), parts) for nom, parts in e.touts))
            case Halteres():
                e = replace(e, lignes=tuple(replace(li, libelle=mauvais(li.libelle)) for li in e.lignes))
            case Reperes():
                e = replace(e, lignes=tuple(replace(li, libelle=mauvais(li.libelle)) for li in e.lignes))
            case Carte():
                e = replace(e, zones=tuple(replace(z, nom=mauvais(z.nom)) for z in e.zones))
        return replace(
            e,
            titre=mauvais(e.titre),
            unite=mauvais(e.unite),
            source=mauvais(e.source),
            alternative=mauvais(e.alternative),
            notes=tuple(mauvais(n) for n in e.notes),
            tableau=tableau(e.tableau),
        )

    def section(s: Section) -> Section:
        return replace(
            s,
            titre=mauvais(s.titre),
            vide=mauvais(s.vide) if s.vide else None,
            elements=tuple(element(e) for e in s.elements),
            sections=tuple(section(x) for x in s.sections),
        )

    def vue(v: Vue) -> Vue:
        return replace(
            v,
            titre=mauvais(v.titre),
            surtitre=mauvais(v.surtitre),
            colonnes=tuple(tuple(element(e) for e in colonne) for colonne in v.colonnes),
            notes=tuple(mauvais(n) for n in v.notes),
        )

    return replace(
        document,
        presentation=tuple(vue(v) for v in document.presentation),
        titre=mauvais(document.titre),
        sous_titre=mauvais(document.sous_titre),
        couverture=tuple((mauvais(a), mauvais(b)) for a, b in document.couverture),
        sections=tuple(section(s) for s in document.sections),
        chiffres={
            reference: replace(c, libelle=mauvais(c.libelle), source=mauvais(c.source))
            for reference, c in document.chiffres.items()
        },
        bandeau=mauvais(document.bandeau) if document.bandeau else None,
    )


def remplacer_dans(octets: bytes, membre: str, avant: bytes, apres: bytes) -> bytes:
    """The same archive, bytes of one of its members replaced."""
    sortie = BytesIO()
    with ZipFile(BytesIO(octets)) as source, ZipFile(sortie, "w") as archive:
        for nom in source.namelist():
            contenu = source.read(nom)
            archive.writestr(nom, contenu.replace(avant, apres) if nom == membre else contenu)
    return sortie.getvalue()


def rendre_ailleurs(format_: str) -> bytes:
    """The bytes of a format for the portrait made by hand, by a process elsewhere, another day."""
    code = (
        "import sys; from publication.portraits.formats import rendre; "
        "from tests.publication.portraits.exemples import portrait; "
        f"sys.stdout.buffer.write(rendre(portrait(), {format_!r}))"
    )
    ailleurs = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1000000000"}
    # Sets in another order, and no font of the machine.
    ailleurs |= {
        "PYTHONHASHSEED": "7",
        "TYPST_FONT_PATHS": "/usr/share/fonts",
        "FONTCONFIG_FILE": "/dev/null",
    }
    env = os.environ | ailleurs
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout
