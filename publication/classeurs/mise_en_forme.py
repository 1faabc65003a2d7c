"""What every workbook is written with: texts that stay texts, tables, charts; no clock, no formula."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from publication.commun import apparence
from publication.commun.lettres import couper
from publication.commun.lettres import propre as sans_controle
from publication.commun.tableur import FORMULE
from publication.lecture.chiffres import Cellule
from publication.lecture.statuts import NOMS, SENS
from socle.affichage import ESPACE, ESPACE_FINE, MARQUES, MOINS
from socle.statuts import Statut

POLICE, CORPS = "Arial", 10
SANS_DATE = datetime(1980, 1, 1)
"""A document has no clock: one release, one workbook, to the byte."""
LIGNE = 15.0
"""Height of a row of text."""
ENTETE: dict[str, Any] = {
    "bold": True,
    "text_wrap": True,
    "valign": "bottom",
    "bg_color": apparence.ACCENT,
    "font_color": apparence.PAPIER,
}
BANDEAU: dict[str, Any] = {
    "bold": True,
    "bg_color": apparence.BANDEAU_FOND,
    "font_color": apparence.BANDEAU_ENCRE,
}
MARQUE: dict[str, Any] = {"italic": True, "font_color": apparence.ENCRE_DOUCE, "align": "right"}
"""What stands in place of a figure that is not shown."""
POINTS_PAR_CARACTERE = 5.25
"""Width of a digit of Arial 10, by which columns are counted."""

_RAYURES: tuple[dict[str, Any], dict[str, Any]] = (
    {"bottom": 1, "bottom_color": apparence.FILET},
    {"bottom": 1, "bottom_color": apparence.FILET, "bg_color": apparence.PAPIER_DOUX},
)
_MARQUES = frozenset(MARQUES.values())
_LIGNES_GRAPHIQUE = 17
_FRANCAIS = "[$-40C]"
"""What makes the decimal sign of a format a comma, in LibreOffice whatever its language."""
_IMPRIME = re.compile(
    rf"([^0-9+{MOINS}-]*)([+{MOINS}]?)([1-9][0-9]{{0,2}}(?:{ESPACE_FINE}[0-9]{{3}})+|0|[1-9][0-9]*)"
    r"(?:,([0-9]+))?([^0-9].*)?",
    re.DOTALL,
)
_IMPRIME_MAXIMUM = 80
"""Letters beyond which a text is no number: its format, which Excel limits to 255, holds them three times."""
_TEXTE_MAXIMUM, _HAUTEUR_MAXIMUM, _ENTETE_MAXIMUM = 32_767, 409, 250
_FLECHE = 3
"""Characters of a heading that the arrow of a filter covers, and some."""


def propre(texte: str) -> str:
    """Return a text without what a cell cannot hold."""
    return sans_controle(texte)[:_TEXTE_MAXIMUM]


def couper_en_lignes(texte: str, place: float, corps: float, gras: bool = False) -> int:
    """Return how many lines a text takes in a width of `place` characters."""
    if len(texte) < place * 0.6 and "\n" not in texte:
        return 1
    points = place * POINTS_PAR_CARACTERE * 0.97
    return sum(len(couper(ligne, points, corps, gras, lignes=200)) or 1 for ligne in texte.split("\n"))


def options() -> dict[str, Any]:
    """Return the options of a workbook, its own: XlsxWriter keeps what it is given, and writes in it."""
    return {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": POLICE, "font_size": CORPS},
    }


def proprietes(titre: str, sujet: str, mots: str, remarque: str = "") -> dict[str, Any]:
    """Return the properties of a workbook, the clock left out."""
    return {
        "title": propre(titre),
        "subject": propre(sujet),
        "author": "Observatoire CTG",
        "keywords": propre(mots),
        "comments": propre(remarque),
        "created": SANS_DATE,
    }


def format_nombre(
    decimales: int, devant: str = "", derriere: str = "", groupe: bool = True, signee: bool = False
) -> str:
    """Return the format of a number between two texts, in the separators of the reader's program.

    0, derriere " €"        [$-40C]#,##0" €";[$-40C]"−"#,##0" €"
    0, signee               [$-40C]"+"#,##0;[$-40C]"−"#,##0;[$-40C]#,##0
    """
    corps = ("#,##0" if groupe else "0") + ("." + "0" * decimales if decimales else "") + litteral(derriere)
    signes = ("+", MOINS, "") if signee else ("", MOINS)
    return ";".join(f"{_FRANCAIS}{litteral(devant + signe)}{corps}" for signe in signes)


def imprime(texte: str) -> tuple[float, str] | None:
    """Return the number that a text prints, and its format; None where it prints none.

    A cell holds this number and no other: it has the digits that are printed, and no more.
    """
    if (lu := _IMPRIME.fullmatch(texte)) is None or len(texte) > _IMPRIME_MAXIMUM:
        return None
    devant, signe, entier, decimales, derriere = lu.groups("")
    nombre = float(f"{entier.replace(ESPACE_FINE, '')}.{decimales}")
    forme = format_nombre(len(decimales), devant, derriere, ESPACE_FINE in entier, signe == "+")
    return -nombre if signe == MOINS else nombre, forme


def litteral(texte: str) -> str:
    """Return a text as a format prints it as it is."""
    return "".join('\\"' if i % 2 else f'"{m}"' for i, m in enumerate(re.split('(")', texte)) if m)


@dataclass(frozen=True)
class Colonne:
    """A column of a table: its heading, and whether it holds figures, set to the right."""

    titre: str
    chiffres: bool = False


Case = str | int | Cellule | None
"""What stands in a cell: a text, a year, a figure, or nothing."""


class Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, livre: Workbook) -> None:
        """Start with none."""
        self.livre = livre
        self._faits: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **voulu: Any) -> Any:
        """Return a format."""
        cle = tuple(sorted(voulu.items()))
        if cle not in self._faits:
            base = {"font_name": POLICE, "font_size": CORPS, "valign": "top"}
            self._faits[cle] = self.livre.add_format(base | voulu)
        return self._faits[cle]

    def de_texte(self, texte: str, **voulu: Any) -> Any:
        """Return the format of a text, which stays one whatever it begins with."""
        return self(**voulu, **({"quote_prefix": True} if texte.startswith(FORMULE) else {}))

    def case(self, case: Case, **voulu: Any) -> tuple[str | float | None, Any]:
        """Return what a cell holds, a figure as the number that it prints, and its format."""
        match case:
            case Cellule(texte=texte, nombre=nombre):
                lu = None if nombre is None else imprime(texte)
                if lu is not None and lu[0] == nombre:
                    return nombre, self(**voulu | {"num_format": lu[1], "text_wrap": False})
                voulu |= MARQUE if texte in _MARQUES else {}
            case int():
                return case, self(**voulu | {"align": "left", "num_format": "0"})
            case _:
                texte = case or ""
        texte = propre(texte)
        return texte or None, self.de_texte(texte, **voulu)

    def texte(self, feuille: Any, rang: int, colonne: int, texte: str, **voulu: Any) -> None:
        """Write a text, whatever it begins with."""
        texte = propre(texte)
        feuille.write_string(rang, colonne, texte, self.de_texte(texte, **voulu))

    def tableau(
        self,
        feuille: Any,
        rangs: tuple[int, int],
        colonnes: Sequence[Colonne],
        nom: str | None = None,
        filtres: bool = False,
    ) -> None:
        """Make a table of rows of a sheet, from that of its headings, which are written, to the last."""
        entetes: dict[str, dict[str, Any]] = {}
        for colonne in colonnes:
            titre = " ".join(propre(colonne.titre).split("\n"))[:_ENTETE_MAXIMUM] or ESPACE
            while titre.lower() in entetes:  # Excel repairs a table that has two columns of one name.
                titre += ESPACE
            forme = self.de_texte(titre, **ENTETE, align="right" if colonne.chiffres else "left")
            entetes[titre.lower()] = {"header": titre, "header_format": forme}
        choix: dict[str, Any] = {"columns": [*entetes.values()], "style": None, "autofilter": filtres}
        feuille.add_table(rangs[0], 0, rangs[1], len(colonnes) - 1, choix | ({"name": nom} if nom else {}))

    def page(self, nom: str, largeurs: Sequence[int]) -> "Page":
        """Add a sheet that is written from top to bottom."""
        return Page(self, nom, largeurs)


class Page:
    """A sheet being written from top to bottom; `rang` is its next free row."""

    def __init__(
        self,
        formats: Formats,
        nom: str,
        largeurs: Sequence[int],
        du_texte: int = 99,
        genre: type[Worksheet] | None = None,
    ) -> None:
        """Add the sheet, its columns as wide as said; running text is spread over the first `du_texte`."""
        self.formats, self.nom, self.largeurs, self.rang = formats, nom, tuple(largeurs), 0
        self.hauteurs: dict[int, float] = {}
        self._du_texte = min(du_texte, len(self.largeurs))
        self.feuille: Any = formats.livre.add_worksheet(nom, genre)
        self.feuille.hide_gridlines(2)
        self.feuille.set_landscape()
        self.feuille.set_paper(9)  # A4
        self.feuille.fit_to_pages(1, 0)
        # A code that is written as text is no mistake.
        self.feuille.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for colonne, large in enumerate(self.largeurs):
            self.feuille.set_column(colonne, colonne, large)

    def ecrire(self, colonne: int, texte: str, **voulu: Any) -> None:
        """Write a text; what a hand could turn into a formula by editing it stays a text."""
        self.formats.texte(self.feuille, self.rang, colonne, texte, **voulu)

    def case(self, colonne: int, case: Case, coupee: bool = False, **voulu: Any) -> int:
        """Write a cell; return how many lines it takes."""
        valeur, forme = self.formats.case(case, **voulu, text_wrap=coupee)
        ecrire = self.feuille.write_string if isinstance(valeur, str) else self.feuille.write
        ecrire(self.rang, colonne, valeur, forme)
        coupe = coupee and isinstance(valeur, str)
        return self.lignes(colonne, str(valeur), voulu.get("bold", False)) if coupe else 1

    def paragraphe(self, texte: str, colonne: int = 0, **voulu: Any) -> None:
        """Write running text over several columns, on as many lines as it takes."""
        texte, corps = propre(texte), voulu.get("font_size", CORPS)
        if (derniere := self._du_texte - 1) > colonne:
            format_texte = self.formats(text_wrap=True, **voulu)
            self.feuille.merge_range(self.rang, colonne, self.rang, derniere, "", format_texte)
        self.ecrire(colonne, texte, text_wrap=True, **voulu)
        large = sum(self.largeurs[colonne : self._du_texte])
        self.suivant(couper_en_lignes(texte, large, corps, voulu.get("bold", False)), corps)

    def titre(self, texte: str, corps: int = 12) -> None:
        """Write a heading, a row left above it."""
        self.rang += bool(self.rang)
        self.paragraphe(texte, bold=True, font_size=corps, font_color=apparence.ACCENT)

    def guide(self, bandeau: str | None, titre: str, citation: str) -> None:
        """Begin a sheet that tells how to read the others."""
        if bandeau:
            self.paragraphe(bandeau, **BANDEAU)
        self.paragraphe(titre, bold=True, font_size=14)
        self.paragraphe(citation)

    def rangee(self, textes: Sequence[str], **voulu: Any) -> None:
        """Write a row of texts; `**ENTETE` makes it the headings of a table."""
        for colonne, texte in enumerate(textes):
            self.ecrire(colonne, texte, **{"text_wrap": True, **voulu})
        gras = voulu.get("bold", False)
        self.suivant(max(self.lignes(colonne, texte, gras) for colonne, texte in enumerate(textes)))

    def tableau(
        self,
        colonnes: Sequence[Colonne],
        lignes: Iterable[Iterable[Case]],
        titre: str = "",
        notes: Iterable[str] = (),
        nom: str | None = None,
        liste: bool = False,
        coupee: bool = True,
    ) -> None:
        """Write a table that Excel knows as one: its headings are its first row, its notes stand under it.

        `nom`: what a pivot or Power Query calls it. A `liste` is filtered by its headings, which are printed
        on each page; elsewhere rows are striped. Long texts are wrapped where it is `coupee`.
        """
        if titre:
            self.titre(titre)
        debut, fleche = self.rang, _FLECHE if liste else 0
        self.suivant(max(self.lignes(i, c.titre, True, fleche) for i, c in enumerate(colonnes)))
        for numero, ligne in enumerate(lignes):
            hauteur = 1
            for rang, (colonne, case) in enumerate(zip(colonnes, ligne, strict=True)):
                voulu = {} if liste else _RAYURES[numero % 2] | ({} if rang else {"bold": True})
                if colonne.chiffres:
                    voulu = voulu | {"align": "right"}
                hauteur = max(hauteur, self.case(rang, case, coupee, **voulu))
            self.suivant(hauteur)
        if self.rang == debut + 1:  # A table has a row under its headings, be it empty.
            self.suivant()
        self.formats.tableau(self.feuille, (debut, self.rang - 1), colonnes, nom, liste)
        if liste:
            self.feuille.repeat_rows(0, debut)
        self.notes(*notes)

    def notes(self, *textes: str) -> None:
        """Write what is said of a table or of a chart, under it."""
        for texte in textes:
            self.paragraphe(texte, italic=True, font_color=apparence.ENCRE_DOUCE)

    def statuts(
        self, exemples: Mapping[Statut, str] | None = None, lisibilites: Mapping[str, str] | None = None
    ) -> None:
        """Write what each statut means, named by how its cells look (`exemples`) where that is said."""
        lignes = [
            (
                (exemples or {}).get(statut) or MARQUES.get(statut, "un nombre"),
                f"{nom[0].upper()}{nom[1:]}. {SENS[statut]}",
            )
            for statut, nom in NOMS.items()
        ]
        dits = (lisibilites or {}).items()
        self.tableau((Colonne("Dans la case"), Colonne("Ce que cela veut dire")), [*lignes, *dits])

    def graphique(self, graphique: Any, alternative: str) -> None:
        """Insert a native chart, with words for who cannot see it."""
        mots = {"description": propre(alternative), "object_position": 2}
        self.feuille.insert_chart(self.rang, 0, graphique, mots)
        self.rang += _LIGNES_GRAPHIQUE

    def bords(self, titre: str, publication: str, bandeau: str) -> None:
        """Print at the top and at the foot of each page whose figures they are, and of which release."""
        gauche, pied, dit = (
            propre(texte)[:100].replace("&", "&&") for texte in (titre, publication, bandeau)
        )
        self.feuille.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        self.feuille.set_header(f"&L{gauche}&R{dit}")
        self.feuille.set_footer(f"&L{pied}&C{dit}&R&P / &N")

    def lignes(self, colonne: int, texte: str, gras: bool = False, de_moins: int = 0) -> int:
        """Return how many lines a text takes in a column, `de_moins` characters of it being taken."""
        return couper_en_lignes(texte, self.largeurs[colonne] - de_moins, CORPS, gras)

    def suivant(self, lignes: int = 1, corps: float = CORPS) -> None:
        """Set the height of the row: were it left to the program, charts would stand elsewhere."""
        self.hauteurs[self.rang] = min(_HAUTEUR_MAXIMUM, max(LIGNE, lignes * corps * 1.3 + 3))
        self.feuille.set_row(self.rang, self.hauteurs[self.rang])
        self.rang += 1
