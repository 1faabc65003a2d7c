"""A portrait as a PDF, the brochure of what is presented: tagged pages (PDF/UA-1) set by Typst.

Only the template and the fonts that come with packages are read: no machine changes a byte.
"""

import io
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import font_source_sans_pro
import pikepdf
import typst

from publication.commun import apparence
from publication.commun.lettres import propre
from publication.lecture.chiffres import MOTS_TON, Cellule
from publication.portraits import svg as graphiques
from publication.portraits.modele import (
    APPROCHE,
    Carte,
    Comparaison,
    Dessine,
    Document,
    Element,
    Halteres,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Reperes,
    Section,
    Serie,
    Tableau,
    Vue,
)
from publication.portraits.svg import cartes
from socle.erreurs import ErreurPublication

_GABARIT = Path(__file__).parent / "gabarits" / "portrait.typ"
_GRAISSES = ("Regular", "It", "Semibold", "SemiboldIt", "Bold")
POLICES = ("Source Sans Pro", "Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math")
"""The first is what is seen. The others come with Typst, for signs that it lacks."""

_COULEURS: dict[str, str] = {
    "texte": apparence.ENCRE,
    "texte_secondaire": apparence.ENCRE_DOUCE,
    "filet": apparence.FILET,
    "accent": apparence.ACCENT,
    "fond": apparence.PAPIER_DOUX,
    "papier": apparence.PAPIER,
    "bandeau_fond": apparence.BANDEAU_FOND,
    "bandeau_texte": apparence.BANDEAU_ENCRE,
    **{str(ton): couleur for ton, couleur in apparence.TONS.items()},
}

_SANS_GLYPHE = re.compile(r'PDF/UA-1 error: the text `(".*?")` could not be displayed', re.DOTALL)
_ABSENT = "\u25a1"
"""Printed for a sign that no font has: PDF/UA refuses a hole."""

_COURT = 8
"""Up to this number of rows or points, a chart and its table, or a list, stay on one page."""
_LONG = 18
"""Beyond this number of rows, a narrow table is set in several columns."""
_TRES_LONG = 40
"""Beyond this number of rows, a table is a directory: it is set in small."""
_CORPS, _CORPS_LONG, _CORPS_MINIMUM = 8.5, 7.5, 6.5
_NOM, _TEXTE, _FIGURE = 52, 60, 20
"""How many characters are set on one line at most: what names a row, other texts, figures."""
_PAGE = 487
"""Width of what is printed on a page, in points. A table that cannot fit has a page on its side."""

_PIXEL = 0.8
"""Points that a pixel of a drawing takes: letters are of one size on every chart, 9.6 points."""


def rendre(document: Document) -> bytes:
    """Return the brochure of a portrait; the same document gives the same bytes, anywhere."""
    return composer(document, document.presentation)


def composer(document: Document, parties: Sequence[Section | Vue]) -> bytes:
    """Return the PDF of these parts of a document: its views, or its sections."""
    donnees = json.dumps(_propres(_donnees(document, parties)), ensure_ascii=False)
    with tempfile.TemporaryDirectory() as dossier:
        fonts = _polices(Path(dossier))
        for _ in range(3):
            try:
                octets = typst.compile(
                    str(_GABARIT),
                    root=str(_GABARIT.parent),
                    font_paths=fonts,
                    ignore_system_fonts=True,
                    sys_inputs={"document": donnees},
                    pdf_standards=["ua-1"],
                    timestamp=0,
                )
                return _nommer_les_lignes(octets)
            except typst.TypstError as erreur:
                absents = {_lire(t) for t in _SANS_GLYPHE.findall(erreur.diagnostic)}
                if not absents:
                    raise _erreur(document, erreur.diagnostic) from erreur
                for texte in absents:
                    donnees = donnees.replace(json.dumps(texte, ensure_ascii=False)[1:-1], _ABSENT)
    raise _erreur(document, f"no font has a glyph for {sorted(absents)}")


def _nommer_les_lignes(octets: bytes) -> bytes:
    """Return the same pages, where the first cell of each row of a table is the heading of that row.

    Typst only tells headings of columns, and names them cell by cell, which would hide those of rows: scopes
    say both. Its structure is also three times as small once compressed.
    """
    sortie = io.BytesIO()
    with pikepdf.open(io.BytesIO(octets)) as document:
        portee = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
        for objet in document.objects:
            if not isinstance(objet, pikepdf.Dictionary) or objet.get("/S") != "/TR":
                continue
            for rang, cellule in enumerate(_elements(objet.K)):
                attributs = _elements(cellule.get("/A", []))
                for attribut in attributs:
                    if "/Headers" in attribut:
                        del attribut["/Headers"]
                if rang == 0 and objet.P.S == "/TBody":
                    cellule.S = pikepdf.Name.TH
                    attributs.append(portee)
                # One that only says whose it is says nothing.
                cellule.A = pikepdf.Array([a for a in attributs if len(a.keys()) > 1])
        document.save(sortie, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return sortie.getvalue()


def _elements(objet: Any) -> list[Any]:
    """Return what a PDF writes as an array, or alone where there is one."""
    return list(objet) if isinstance(objet, pikepdf.Array | list) else [objet]


def _lire(litteral: str) -> str:
    """Return the text that a message of Typst quotes, in the escapes of Rust (u{1b})."""
    echappe = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: json.dumps(chr(int(m[1], 16)))[1:-1], litteral)
    return str(json.loads(echappe))


def _erreur(document: Document, cause: str) -> ErreurPublication:
    return ErreurPublication(
        f"portrait of {document.territoire_id}, PDF: Typst refuses what `{_GABARIT.name}` makes of it.\n"
        f"{cause}\n"
        "Nothing was written. Correct the template; the other formats do not depend on it."
    )


def _polices(dossier: Path) -> typst.Fonts:
    """Return the fonts to set in: the folder of the package holds each twice, in an order of the disk's."""
    for graisse in _GRAISSES:
        nom = f"SourceSansPro-{graisse}.ttf"
        (dossier / nom).symlink_to(Path(font_source_sans_pro.font_directory) / nom)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(dossier)])


def _donnees(document: Document, parties: Sequence[Section | Vue]) -> dict[str, Any]:
    """Return the document as plain values, in the shape that the template reads."""
    return {
        "titre": document.titre,
        "sous_titre": document.sous_titre,
        "auteur": "Observatoire CTG",
        "sommaire": "Sommaire",
        "langue": document.langue,
        "bandeau": document.bandeau,
        "couverture": document.couverture,
        "edition": {"citation": document.edition.citation},
        "carte": document.carte and _graphique(document.carte, document, couverture=True),
        "sections": [_vue(p, document) if isinstance(p, Vue) else _section(p, document) for p in parties],
        "polices": POLICES,
        "couleurs": _COULEURS,
        "echelle": apparence.ECHELLE,
        "signes": apparence.SIGNES_TON,
        "mots": MOTS_TON,
    }


def _propres(valeur: Any) -> Any:
    """Return the same values without the signs that no page can hold (`lettres`)."""
    match valeur:
        case str():
            return propre(valeur)
        case dict():
            return {cle: _propres(v) for cle, v in valeur.items()}
        case list() | tuple():
            return [_propres(v) for v in valeur]
        case _:
            return valeur


def _vue(vue: Vue, document: Document) -> dict[str, Any]:
    """Return a view as a section: its charts say their figures, and have no table beside."""
    return {
        "titre": vue.titre,
        "surtitre": vue.surtitre,
        "vide": None,
        "elements": [_seul(vue.tete, document)] if vue.tete is not None else [],
        "colonnes": [[_seul(e, document) for e in colonne] for colonne in vue.colonnes],
        "sections": [],
    }


def _seul(element: Element, document: Document) -> dict[str, Any]:
    return _element(element, document, seul=True)


def _section(section: Section, document: Document) -> dict[str, Any]:
    return {
        "titre": section.titre,
        "vide": section.vide,
        "elements": [_element(e, document) for e in section.elements],
        "sections": [_section(s, document) for s in section.sections],
    }


def _element(element: Element, document: Document, seul: bool = False) -> dict[str, Any]:
    match element:
        case Paragraphe() | Message():
            return {"genre": type(element).__name__.lower(), **asdict(element)}
        case Liste():
            return {"genre": "liste", **asdict(element), "court": len(element.points) <= _COURT}
        case Tableau():
            return _tableau(element, document)
        case Comparaison() | Parts() | Serie() | Halteres() | Reperes() | Carte():
            return _graphique(element, document, seul)


def _graphique(
    graphique: Dessine | Carte, document: Document, seul: bool = False, couverture: bool = False
) -> dict[str, Any]:
    """Return a chart, with its twin unless it is there alone, drawn for the part of a page that it takes."""
    a_cote = isinstance(graphique, Comparaison)
    longue = isinstance(graphique, Carte) and len(graphique.zones) > _COURT
    renvoi = graphique.renvoi if isinstance(graphique, Carte) and longue else None
    part = 1.0 if seul else 0.58 if a_cote else 0.72 if renvoi else 0.76
    pixels = part * _PAGE / _PIXEL
    if isinstance(graphique, Carte):
        assert document.contours is not None, "a document without outlines holds no map"
        large = apparence.LARGEUR_COUVERTURE if couverture else pixels
        svg = cartes.dessiner(
            graphique, document.contours, document.bandeau, couverture, large, apparence.CORPS_PETIT
        )
    else:
        svg = graphiques.dessiner(graphique, document.bandeau, pixels, apparence.CORPS_PETIT)
    return {
        "genre": "graphique",
        **{nom: getattr(graphique, nom) for nom in ("titre", "unite", "source", "alternative", "notes")},
        "svg": svg,
        "tableau": _tableau(graphique.tableau, document),
        "court": renvoi is not None or len(graphique.tableau.lignes) <= _COURT,
        "part": part,
        "seul": seul,
        "a_cote": a_cote,
        "renvoi": renvoi,
    }


def _tableau(tableau: Tableau, document: Document) -> dict[str, Any]:
    repertoire = len(tableau.lignes) > _TRES_LONG
    lignes = [_ligne(ligne, document, repertoire) for ligne in tableau.lignes]
    colonnes: list[dict[str, Any]] = [
        {"titre": c.titre, "chiffres": c.chiffres}
        | _mesures(
            c.titre,
            [t for ligne in lignes for t in _textes(ligne[rang])],
            plafond=_NOM if rang == 0 else _FIGURE if c.chiffres else _TEXTE,
        )
        for rang, c in enumerate(tableau.colonnes)
    ]
    # A long and narrow table is read as a directory is: side by side.
    blocs = max(1, 4 - len(colonnes)) if len(lignes) > _LONG else 1
    corps = _CORPS_LONG if repertoire else _CORPS
    mots = sum(c["mot"] for c in colonnes)
    while corps > _CORPS_MINIMUM and mots * corps * 0.53 + 8 * len(colonnes) > _PAGE:
        corps -= 0.5
    return {
        "genre": "tableau",
        "titre": tableau.titre,
        "colonnes": colonnes,
        "lignes": lignes,
        "blocs": blocs,
        "corps": corps,
        "couchee": mots * corps * 0.53 + 8 * len(colonnes) > _PAGE,
        "notes": tableau.notes,
        "sources": tableau.sources,
    }


def _ligne(ligne: Sequence[Cellule], document: Document, repertoire: bool) -> list[dict[str, Any]]:
    """Return the cells of a row, each with its interval unless a column of the row is for it.

    In a directory, only a figure that lacks parts has its interval; the others have a mark.
    """
    dits = {cellule.texte for cellule in ligne}
    cellules = []
    for cellule in ligne:
        chiffre = document.chiffres.get(cellule.chiffre) if cellule.chiffre else None
        intervalle = chiffre.intervalle if chiffre else None
        marque = ""
        if intervalle in dits:
            intervalle = None
        elif intervalle and repertoire and cellule.statut != "partiel":
            marque, intervalle = f"{APPROCHE}\u00a0", None
        cellules.append(
            {
                "texte": marque + cellule.texte,
                "muette": cellule.statut in apparence.MARQUES,
                "ton": cellule.ton,
                "intervalle": intervalle,
            }
        )
    return cellules


def _textes(cellule: dict[str, Any]) -> Iterator[str]:
    """Yield what a cell prints, as wide as it is: a sign takes two characters, an interval is in small."""
    yield ("" if cellule["ton"] == "neutre" else "__") + cellule["texte"]
    if cellule["intervalle"]:
        yield " ".join(mot[: len(mot) * 4 // 5 + 1] for mot in cellule["intervalle"].split(" "))


def _mesures(titre: str, textes: Sequence[str], plafond: int) -> dict[str, int]:
    """Return how many characters wide a column must be (its longest word) and would be (its longest text).

    The text counts up to `plafond`; a heading may take two lines, a few signs are never cut:
        "Commune", "Nyons", "Buis-les-Baronnies"       9, 18
    """
    courts = [len(t) for t in textes if len(t) <= 9]
    mots = [len(m) for t in [titre, *textes] for m in re.split(r"[ \n]|(?<=-)(?=\D)", t)]
    mot = max(courts + mots)
    ligne = min(plafond, max((len(t) for t in textes), default=0))
    return {"mot": max(3, mot), "largeur": max(3, mot, ligne, min(16, (len(titre) + 1) // 2))}
