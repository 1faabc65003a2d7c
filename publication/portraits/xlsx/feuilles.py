"""A sheet being written, from top to bottom: elements of the document as rows, charts, printing."""

import re
from collections.abc import Iterable, Sequence

from xlsxwriter import Workbook

from publication.classeurs.mise_en_forme import (
    BANDEAU,
    LIGNE,
    POINTS_PAR_CARACTERE,
    Colonne,
    Formats,
    Page,
    propre,
)
from publication.commun import apparence
from publication.lecture.chiffres import MOTS_TON, Cellule
from publication.portraits import echelles, natifs
from publication.portraits.modele import (
    Carte,
    Comparaison,
    Document,
    Element,
    Halteres,
    Liste,
    Message,
    Paragraphe,
    Parts,
    Point,
    Reperes,
    Serie,
    Tableau,
)
from publication.portraits.natifs import Natif
from publication.portraits.xlsx import graphiques
from publication.portraits.xlsx.graphiques import Bloc

PREMIERE, AUTRES = 46, 20
"""Width of the first column and of the others, in characters."""
COLONNES_TEXTE = 6
"""Columns that running text is spread over."""
COLONNES_BORNEES = 3
"""Columns of a table that may each be followed by their intervals; beyond, it is too wide to be read."""
_PAGE = (277 / 25.4 * 72 - 20, 158 / 25.4 * 72)
"""Points of an A4 sheet lying flat, within its margins."""
_MARGE_CELLULE = 3.75
"""What a column has on top of its characters."""


class Classeur(Formats):
    """The workbook and what its sheets share: formats, names, the sheet of the charts' data."""

    def __init__(self, livre: Workbook, document: Document) -> None:
        """Start with an empty workbook."""
        super().__init__(livre)
        self.document = document
        self._noms: set[str] = set()
        self.nom_donnees = self.nom("Données des graphiques")
        self.blocs: list[Bloc] = []

    def nom(self, titre: str) -> str:
        """Return a name that Excel takes for a sheet: 31 characters, none of them reserved, unique."""
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
        unis = [natifs.d_un_cote(trace) for trace in traces]
        self.blocs.append(Bloc(debut, propre(titre), [propre(c) for c in categories], unis))
        return self.blocs[-1]


def _raccourci(texte: str, place: int) -> str:
    if len(texte) <= place:
        return texte
    return texte[: place - 1].rsplit(" ", 1)[0].rstrip(" ,;'’") + "…"


class Feuille(Page):
    """One sheet; `rang` is its next free row."""

    def __init__(
        self, classeur: Classeur, titre: str, colonnes: Sequence[int] = (), nom: str | None = None
    ) -> None:
        """Add a sheet under its title, with the banner of the document in its first row."""
        self.classeur = classeur
        largeurs = colonnes or (PREMIERE, *[AUTRES] * 40)
        super().__init__(classeur, nom or classeur.nom(titre), largeurs, COLONNES_TEXTE)
        self._blocs: list[int] = []
        self._avec_la_suite = -1
        self._colonnes = COLONNES_TEXTE
        document = classeur.document
        if document.bandeau:
            self.paragraphe(document.bandeau, **BANDEAU)
        self.titre(titre, 16)
        self._repetees = self.rang
        self.feuille.repeat_rows(0, self._repetees - 1)
        edition = f"Publication {document.edition.release_id}, {document.edition.publiee_le}"
        self.bords(document.titre, edition, document.bandeau or "")

    def mettre_en_pages(self) -> None:
        """Scale the sheet to the width of its page, less a tenth (programs differ), and cut it between
        blocks.
        """
        large = sum(c * POINTS_PAR_CARACTERE + _MARGE_CELLULE for c in self.largeurs[: self._colonnes])
        echelle = max(10, min(100, int(_PAGE[0] / large * 90)))
        self.feuille.set_print_scale(echelle)
        place = _PAGE[1] * 100 / echelle - self._entre(0, self._repetees)
        coupures: list[int] = []
        haut = self._repetees
        for debut, fin in zip(self._blocs, [*self._blocs[1:], self.rang], strict=False):
            if debut > haut and self._entre(haut, fin) > place:
                coupures.append(debut)
                haut = debut
            while self._entre(haut, fin) > place:  # A block longer than a page is cut between two rows.
                haut = next((r for r in range(haut + 1, fin) if self._entre(haut, r + 1) > place), fin)
        self.feuille.set_h_pagebreaks(coupures)

    def _entre(self, debut: int, fin: int) -> float:
        return sum(self.hauteurs.get(rang, LIGNE) for rang in range(debut, fin))

    # Cells -------------------------------------------------------------------------------------------------

    def lien(self, feuille: str) -> None:
        """Write a link to another sheet, on a row of its own."""
        cible = feuille.replace("'", "''")
        self.feuille.write_url(self.rang, 0, f"internal:'{cible}'!A1")
        self.ecrire(0, feuille, font_color=apparence.ACCENT, underline=1)
        self.suivant()

    def titre(self, texte: str, corps: int = 12) -> None:
        """Write a heading on a row of its own."""
        couleur = apparence.ACCENT if corps > 12 else apparence.ENCRE
        self.ecrire(0, texte, bold=True, font_size=corps, font_color=couleur)
        self.suivant(corps=corps)

    # Elements ----------------------------------------------------------------------------------------------

    def element(self, element: Element) -> None:
        """Write an element of the document, and leave a row after it."""
        self.bloc()
        match element:
            case Paragraphe():
                self.paragraphe(element.texte)
            case Message():
                ton = MOTS_TON[element.ton]
                self.paragraphe(f"• {element.texte}" + (f" ({ton})" if ton else ""), font_size=11)
                return
            case Liste():
                self.titre(element.titre)
                self._points(element.points, 0)
            case Tableau():
                self._tableau(element)
            case Carte() | Halteres() | Reperes():
                self.titre(element.titre)
                self._tableau(element.tableau)
            case Comparaison() | Parts() | Serie():
                self._graphique(element)
        self.rang += 1
        if isinstance(element, Paragraphe):
            self._avec_la_suite = self.rang

    def sous_titre(self, texte: str) -> None:
        """Write the heading of a part of the sheet."""
        self._blocs.append(self.rang)
        self.titre(texte, 14)
        self._avec_la_suite = self.rang

    def bloc(self) -> None:
        """Begin what is kept on one page, with the heading or the sentence just above it."""
        if self.rang != self._avec_la_suite:
            self._blocs.append(self.rang)

    def _points(self, points: Iterable[Point], niveau: int) -> None:
        for point in points:
            self.paragraphe(f"{'–' if niveau else '•'} {point.texte}", indent=niveau)
            self._points(point.sous, niveau + 1)

    def _tableau(self, tableau: Tableau) -> None:
        """Write a table; a column whose figures have bounds is followed by them, in words."""
        bornees = [any(map(self._intervalle, cellules)) for cellules in zip(*tableau.lignes, strict=True)]
        nombreuses = sum(bornees) > COLONNES_BORNEES
        if nombreuses or not bornees:
            bornees = [False] * len(tableau.colonnes)
        colonnes: list[Colonne] = []
        for colonne, bornee in zip(tableau.colonnes, bornees, strict=True):
            dits = [Colonne(f"{colonne.titre} : intervalle")] if bornee else []
            colonnes += [Colonne(colonne.titre, colonne.chiffres), *dits]
        lignes = (
            [
                case
                for cellule, bornee in zip(ligne, bornees, strict=True)
                for case in (cellule, self._intervalle(cellule))[: 1 + bornee]
            ]
            for ligne in tableau.lignes
        )
        self._colonnes = max(self._colonnes, len(colonnes))
        notes = ["Intervalles : voir la feuille « Chiffres »."] * nombreuses + [*tableau.notes]
        if tableau.sources:
            notes.append(f"Source : {' ; '.join(tableau.sources)}")
        self.tableau(colonnes, lignes, tableau.titre, notes)

    def _intervalle(self, cellule: Cellule) -> str:
        chiffre = self.classeur.document.chiffres.get(cellule.chiffre) if cellule.chiffre else None
        return chiffre.intervalle or "" if chiffre else ""

    def _graphique(self, graphique: Natif) -> None:
        self.titre(graphique.titre)
        if not natifs.muet(graphique):
            bloc = self.classeur.bloc(graphique)
            chart = graphiques.dessiner(self.classeur.livre, graphique, bloc, self.classeur.nom_donnees)
            self.graphique(chart, graphique.alternative)
        dessous = f"Source : {graphique.source}"
        if graphique.unite:
            dessous = f"Unité : {graphique.unite} · {dessous}"
        coupee = [echelles.NOTE] if natifs.coupee(graphique) else []
        absents = " ; ".join(natifs.absents(graphique))
        self.notes(dessous, *coupee, *graphique.notes, *([absents] if absents else []))
        self._tableau(graphique.tableau)
