"""What every workbook is written with: options, formats, texts that stay texts, no clock, no formula."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook

from publication.commun import apparence
from publication.commun.lettres import couper
from publication.commun.lettres import propre as sans_controle
from publication.commun.tableur import FORMULE
from socle.affichage import MOINS, Unite

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

FRANCAIS = "[$-40C]"
"""What makes the decimal sign of a format a comma, in LibreOffice whatever its language."""
_TEXTE_MAXIMUM, _HAUTEUR_MAXIMUM = 32_767, 409


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
    unite: Unite, decimales: int, devant: str = "", derriere: str = "", nul: bool = False
) -> str:
    """Return the format under which a number is printed, in the reader's own separators.

    `devant` and `derriere` are printed too: `≈ 3 250`. `nul`: the number is printed as zero, hence unsigned.
        EUR, 0          [$-40C]#,##0" €";[$-40C]"−"#,##0" €"        annee   0        date   dd/mm/yyyy
        evolution en places, 0          [$-40C]"+"#,##0;[$-40C]"−"#,##0;[$-40C]#,##0
    """
    if simple := {"annee": "0", "date": "dd/mm/yyyy"}.get(unite.nature):
        return litteral(devant) + simple + litteral(derriere)
    corps = "#,##0" + ("." + "0" * decimales if decimales else "") + litteral(unite.apres + derriere)
    signes = ("", "") if nul else ("+", MOINS, "") if unite.signee else ("", MOINS)
    return ";".join(f"{FRANCAIS}{litteral(devant + signe)}{corps}" for signe in signes)


def litteral(texte: str) -> str:
    """Return a text as a format prints it as it is."""
    return "".join('\\"' if i % 2 else f'"{m}"' for i, m in enumerate(re.split('(")', texte)) if m)


def mettre_en_page(feuille: Any) -> None:
    """Print a sheet across A4; a code that is written as text is no mistake."""
    feuille.set_landscape()
    feuille.set_paper(9)  # A4
    feuille.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


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

    def texte(self, feuille: Any, rang: int, colonne: int, texte: str, **voulu: Any) -> None:
        """Write a text, whatever it begins with."""
        texte = propre(texte)
        if texte.startswith(FORMULE):
            voulu["quote_prefix"] = True
        feuille.write_string(rang, colonne, texte, self(**voulu))

    def page(self, nom: str, largeurs: Sequence[int]) -> "Page":
        """Add a sheet that is written from top to bottom."""
        return Page(self, nom, largeurs)


class Page:
    """A sheet being written from top to bottom; `rang` is its next free row."""

    def __init__(self, formats: Formats, nom: str, largeurs: Sequence[int], du_texte: int = 99) -> None:
        """Add the sheet, its columns as wide as said; running text is spread over the first `du_texte`."""
        self.formats, self.largeurs, self.rang = formats, tuple(largeurs), 0
        self.hauteurs: dict[int, float] = {}
        self._du_texte = min(du_texte, len(self.largeurs))
        self.feuille = formats.livre.add_worksheet(nom)
        self.feuille.hide_gridlines(2)
        mettre_en_page(self.feuille)
        self.feuille.fit_to_pages(1, 0)
        for colonne, large in enumerate(self.largeurs):
            self.feuille.set_column(colonne, colonne, large)

    def ecrire(self, colonne: int, texte: str, **voulu: Any) -> None:
        """Write a text; what a hand could turn into a formula by editing it stays a text."""
        self.formats.texte(self.feuille, self.rang, colonne, texte, **voulu)

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

    def rangee(self, textes: Sequence[str], **voulu: Any) -> None:
        """Write a row of texts; `**ENTETE` makes it the headings of a table."""
        for colonne, texte in enumerate(textes):
            self.ecrire(colonne, texte, **{"text_wrap": True, **voulu})
        gras = voulu.get("bold", False)
        self.suivant(max(self.lignes(colonne, texte, gras) for colonne, texte in enumerate(textes)))

    def lignes(self, colonne: int, texte: str, gras: bool = False) -> int:
        """Return how many lines a text takes in a column."""
        return couper_en_lignes(texte, self.largeurs[colonne], CORPS, gras)

    def suivant(self, lignes: int = 1, corps: float = CORPS) -> None:
        """Set the height of the row: were it left to the program, charts would stand elsewhere."""
        self.hauteurs[self.rang] = min(_HAUTEUR_MAXIMUM, max(LIGNE, lignes * corps * 1.3 + 3))
        self.feuille.set_row(self.rang, self.hauteurs[self.rang])
        self.rang += 1
