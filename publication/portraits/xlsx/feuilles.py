"""A sheet being written, from top to bottom: what every sheet carries, and an element of the document as rows.

Belongs here: cells, tables, charts, printing. Does not: which sheets there are (`__init__`), nor the format of a
number (`nombres`).

A text is written as text whatever it begins with: no cell of a portrait is a formula.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter import Workbook

from publication.portraits import apparence, natifs
from publication.portraits.lettres import propre as sans_controle
from publication.portraits.modele import (
    Carte,
    Cellule,
    Chiffre,
    Comparaison,
    Document,
    Element,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Point,
    Serie,
    Tableau,
)
from publication.portraits.natifs import Natif
from publication.portraits.xlsx import graphiques
from publication.portraits.xlsx.graphiques import Bloc
from publication.portraits.xlsx.nombres import format_imprimant

PREMIERE, AUTRES = 46, 15
"""Width of the first column and of the others, in characters."""
COLONNES_TEXTE = 7
"""Columns that running text is spread over."""
LIGNES_GRAPHIQUE = 17
"""Rows of 20 pixels kept for a chart."""

_FORMULE = ("=", "+", "-", "@", "\t", "\r")
_TEXTE_MAXIMUM = 32_767
_EN_TETE_MAXIMUM = 200

def propre(texte: str) -> str:
    """Return a text without what a cell cannot hold."""
    return sans_controle(texte)[:_TEXTE_MAXIMUM]


class Classeur:
    """The workbook and what its sheets share: formats, names, the sheet of the charts' data."""

    def __init__(self, livre: Workbook, document: Document) -> None:
        """Start with an empty workbook."""
        self.livre = livre
        self.document = document
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._noms: set[str] = set()
        self.nom_donnees = self.nom("Données des graphiques")
        self.blocs: list[Bloc] = []

    def format(self, **proprietes: Any) -> Any:
        """Return a format, made once."""
        cle = tuple(sorted(proprietes.items()))
        if cle not in self._formats:
            base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
            self._formats[cle] = self.livre.add_format(base | proprietes)
        return self._formats[cle]

    def nom(self, titre: str) -> str:
        """Return a name that Excel takes for a sheet: at most 31 characters, none of them reserved, unique."""
        net = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\]", " ", propre(titre))).strip(" '") or "Feuille"
        nom, rang = _raccourci(net, 31), 2
        while nom.lower() in self._noms or nom.lower() in ("history", "historique"):
            suffixe = f" ({rang})"
            nom, rang = _raccourci(net, 31 - len(suffixe)) + suffixe, rang + 1
        self._noms.add(nom.lower())
        return nom


    def bloc(self, graphique: Natif) -> Bloc:
        """Keep a place for the numbers of a chart in the sheet that holds them."""
        categories, traces = natifs.tracer(graphique)
        titre = graphique.titre
        if self.document.bandeau:
            titre += f"\n{self.document.bandeau}"
        debut = self.blocs[-1].fin if self.blocs else 4
        self.blocs.append(Bloc(debut, propre(titre), [propre(c) for c in categories], traces))
        return self.blocs[-1]


def _raccourci(texte: str, place: int) -> str:
    if len(texte) <= place:
        return texte
    return texte[: place - 1].rsplit(" ", 1)[0].rstrip(" ,;'’") + "…"


class Feuille:
    """One sheet; `rang` is its next free row."""

    def __init__(
        self, classeur: Classeur, titre: str, colonnes: Sequence[int] = (), nom: str | None = None
    ) -> None:
        """Add a sheet under its title, with the banner of the document in its first row."""
        self.classeur = classeur
        self.nom = nom or classeur.nom(titre)
        self.feuille = classeur.livre.add_worksheet(self.nom)
        self.rang = 0
        document = classeur.document
        for colonne, large in enumerate(colonnes or (PREMIERE, *[AUTRES] * 24)):
            self.feuille.set_column(colonne, colonne, large)
        if document.bandeau:
            self.ecrire(
                0,
                document.bandeau,
                bold=True,
                bg_color=apparence.BANDEAU_FOND,
                font_color=apparence.BANDEAU_ENCRE,
            )
            self.rang += 1
        self.ecrire(0, titre, bold=True, font_size=16, font_color=apparence.ACCENT)
        self.rang += 1
        self._imprimer()

    def _imprimer(self) -> None:
        feuille, document = self.feuille, self.classeur.document
        feuille.set_landscape()
        feuille.set_paper(9)  # A4
        feuille.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        feuille.fit_to_pages(1, 0)
        feuille.hide_gridlines(2)
        feuille.repeat_rows(0, self.rang - 1)
        feuille.set_header(f"&L{_en_tete(document.titre)}&R{_en_tete(document.bandeau or '')}")
        edition = f"Édition {document.edition.release_id}, {document.edition.publiee_le}"
        feuille.set_footer(f"&L{_en_tete(edition)}&C{_en_tete(document.bandeau or '')}&R&P / &N")
        feuille.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    # Cells -------------------------------------------------------------------------------------------------

    def ecrire(self, colonne: int, texte: str, rang: int | None = None, **proprietes: Any) -> None:
        """Write a text; what a hand could turn into a formula by editing it stays a text."""
        texte = propre(texte)
        if texte.startswith(_FORMULE):
            proprietes["quote_prefix"] = True
        self.feuille.write_string(
            self.rang if rang is None else rang, colonne, texte, self.classeur.format(**proprietes)
        )

    def nombre(self, colonne: int, nombre: float, format_nombre: str, **proprietes: Any) -> None:
        """Write a number."""
        self.feuille.write_number(
            self.rang, colonne, nombre, self.classeur.format(num_format=format_nombre, **proprietes)
        )

    def valeur(self, colonne: int, texte: str, nombre: float | None, **proprietes: Any) -> None:
        """Write a figure: a number that prints `texte`, or `texte` itself where there is no number."""
        format_nombre = None if nombre is None else format_imprimant(texte, nombre)
        if nombre is None or format_nombre is None:
            self.ecrire(colonne, texte, **proprietes)
        else:
            self.nombre(colonne, nombre, format_nombre, **proprietes)

    def paragraphe(self, texte: str, colonne: int = 0, **proprietes: Any) -> None:
        """Write running text over several columns, on as many lines as it takes."""
        texte = propre(texte)
        corps = proprietes.get("font_size", 10)
        large = (PREMIERE + (COLONNES_TEXTE - 1) * AUTRES) * 10 / corps
        lignes = sum(max(1, -(-len(ligne) // int(large))) for ligne in texte.split("\n"))
        if texte.startswith(_FORMULE):
            proprietes["quote_prefix"] = True
        format_texte = self.classeur.format(text_wrap=True, **proprietes)
        self.feuille.merge_range(self.rang, colonne, self.rang, COLONNES_TEXTE - 1, "", format_texte)
        self.feuille.write_string(self.rang, colonne, texte, format_texte)
        self.feuille.set_row(self.rang, lignes * corps * 1.35 + 2)
        self.rang += 1

    def entete(self, titres: Iterable[tuple[str, bool]]) -> None:
        """Write the headings of a table: text, and whether its column holds figures."""
        for colonne, (titre, chiffres) in enumerate(titres):
            self.ecrire(
                colonne,
                titre,
                bold=True,
                text_wrap=True,
                valign="bottom",
                align="right" if chiffres else "left",
                bg_color=apparence.ACCENT,
                font_color=apparence.PAPIER,
            )
        self.rang += 1

    # Elements ----------------------------------------------------------------------------------------------

    def element(self, element: Element) -> None:
        """Write an element of the document, and leave a row after it."""
        match element:
            case Paragraphe():
                self.paragraphe(element.texte)
            case Message():
                ton = apparence.MOTS_TON[element.ton]
                self.paragraphe(f"• {element.texte}" + (f" ({ton})" if ton else ""), font_size=11)
            case Liste():
                self.ecrire(0, element.titre, bold=True, font_size=12)
                self.rang += 1
                self._points(element.points, 0)
            case Tableau():
                self.tableau(element)
            case Carte():
                self.ecrire(0, element.titre, bold=True, font_size=12)
                self.rang += 1
                self.tableau(element.tableau)
            case Comparaison() | Parts() | Serie():
                self._graphique(element)
        self.rang += 1

    def _points(self, points: Iterable[Point], niveau: int) -> None:
        for point in points:
            self.paragraphe(f"{'–' if niveau else '•'} {point.texte}", indent=niveau)
            self._points(point.sous, niveau + 1)

    def tableau(self, tableau: Tableau) -> None:
        """Write a table; a column whose figures have bounds is followed by them, in words."""
        self.ecrire(0, tableau.titre, bold=True, font_size=12)
        self.rang += 1
        bornees = [
            any(self._intervalle(ligne[rang]) for ligne in tableau.lignes)
            for rang in range(len(tableau.colonnes))
        ]
        titres: list[tuple[str, bool]] = []
        for colonne, bornee in zip(tableau.colonnes, bornees, strict=True):
            titres.append((colonne.titre, colonne.chiffres))
            if bornee:
                titres.append((f"{colonne.titre} : intervalle", False))
        self.entete(titres)
        for numero, ligne in enumerate(tableau.lignes):
            place = 0
            for rang, cellule in enumerate(ligne):
                self._cellule(place, cellule, tableau.colonnes[rang].chiffres, not rang, bool(numero % 2))
                place += 1
                if bornees[rang]:
                    self.ecrire(place, self._intervalle(cellule), text_wrap=True, **_rayure(numero % 2))
                    place += 1
            self.rang += 1
        for note in tableau.notes:
            self.paragraphe(note, italic=True, font_color=apparence.ENCRE_DOUCE)
        if tableau.sources:
            self.paragraphe(
                f"Source : {' ; '.join(tableau.sources)}", italic=True, font_color=apparence.ENCRE_DOUCE
            )

    def _cellule(self, colonne: int, cellule: Cellule, chiffres: bool, premiere: bool, rayee: bool) -> None:
        proprietes: dict[str, Any] = {"align": "right" if chiffres else "left", **_rayure(rayee)}
        if premiere:
            proprietes["bold"] = True
        if cellule.statut in apparence.MARQUES:
            proprietes["italic"] = True
        if cellule.nombre is None:
            proprietes["text_wrap"] = True
        self.valeur(colonne, cellule.texte, cellule.nombre, **proprietes)

    def _intervalle(self, cellule: Cellule) -> str:
        chiffre = self._chiffre(cellule)
        return chiffre.intervalle or "" if chiffre else ""

    def _chiffre(self, cellule: Cellule) -> Chiffre | None:
        return self.classeur.document.chiffres.get(cellule.chiffre) if cellule.chiffre else None

    def _graphique(self, graphique: Natif) -> None:
        self.ecrire(0, graphique.titre, bold=True, font_size=12)
        self.rang += 1
        bloc = self.classeur.bloc(graphique)
        chart = graphiques.dessiner(self.classeur.livre, graphique, bloc, self.classeur.nom_donnees)
        self.feuille.insert_chart(
            self.rang, 0, chart, {"description": propre(graphique.alternative), "object_position": 2}
        )
        self.rang += LIGNES_GRAPHIQUE
        dessous = f"Source : {graphique.source}"
        if graphique.unite:
            dessous = f"Unité : {graphique.unite} · {dessous}"
        for ligne in (dessous, *graphique.notes, *_joints(natifs.absents(graphique))):
            self.paragraphe(ligne, italic=True, font_color=apparence.ENCRE_DOUCE)
        self.tableau(graphique.tableau)

    def donnees(self, blocs: Iterable[Bloc]) -> None:
        """Write the numbers of the charts, each block where its chart expects it."""
        for bloc in blocs:
            self.rang = bloc.rang
            self.ecrire(0, bloc.titre, bold=True)
            self.rang += 1
            for colonne, trace in enumerate(bloc.traces, 1):
                self.ecrire(colonne, trace.nom, bold=True, text_wrap=True, align="right")
            for rang, categorie in enumerate(bloc.categories):
                self.rang += 1
                self.ecrire(0, categorie)
                for colonne, trace in enumerate(bloc.traces, 1):
                    cellule = trace.valeurs[rang]
                    if cellule is not None and cellule.nombre is not None:
                        self.nombre(colonne, cellule.nombre, _format(cellule))


def _format(cellule: Cellule) -> str:
    format_nombre = format_imprimant(cellule.texte, cellule.nombre or 0.0)
    return format_nombre or "0" + ("." + "0" * cellule.decimales if cellule.decimales else "")


def _joints(lignes: list[str]) -> list[str]:
    return [" ; ".join(lignes)] if lignes else []


def _rayure(rayee: int | bool) -> dict[str, Any]:
    bas = {"bottom": 4, "bottom_color": apparence.FILET}
    return bas | {"bg_color": apparence.PAPIER_DOUX} if rayee else bas


def _en_tete(texte: str) -> str:
    """Return a text as a header prints it: `&` begins a code there."""
    return sans_controle(texte)[: _EN_TETE_MAXIMUM // 2].replace("&", "&&")
