"""A sheet of many rows in little time: DuckDB writes the rows, XlsxWriter everything around them.

XlsxWriter takes a second for 130 000 cells, and a release has millions.
"""

from collections.abc import Iterable
from typing import Any

from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

from publication.commun.tableur import FORMULE
from socle.affichage import ESPACE_FINE, MARQUES, MOINS
from socle.sql import liste_sql, texte_sql

# What XML 1.0 cannot hold, and what turns the direction of the text around it.
_INTERDITS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{fffe}\x{ffff}]"
_RANGEE = "'<row r=\"', r, '\">'"


class Grille(Worksheet):  # type: ignore[misc]
    """A sheet that ends with a table, whose rows come as they are written in the file."""

    def remplir(self, rangees: Iterable[str], lignes: int) -> None:
        """Put so many rows under the headings of the table, which is not to have others."""
        table = self.tables[-1]
        self._rangees, (self._entetes, _) = rangees, xl_cell_to_rowcol(table["range"].split(":")[0])
        self.dim_rowmax = self._entetes + max(lignes, 1)
        place = xl_range(self._entetes, 0, self.dim_rowmax, self.dim_colmax)
        table.update(range=place, a_range=place, autofilter=place)

    def _write_rows(self) -> None:
        self.dim_rowmax = self._entetes
        super()._write_rows()
        for rangee in self._rangees:
            self.fh.write(rangee)


def rangee(cellules: Iterable[str]) -> str:
    """Return the SQL of a row, whose number is `r`."""
    # One call for the whole row: a chain of || copies what stands before at every step.
    return f"concat({', '.join((_RANGEE, *cellules))}, '</row>')"


def texte(colonne: int, sql: str, forme: Any, prefixe: Any) -> str:
    """Return the SQL of a cell that holds a text, nothing where it is null.

    `prefixe` is the format of what begins as a formula.
    """
    propre = f"left(regexp_replace({sql}, {texte_sql(_INTERDITS)}, '', 'g'), 32767)"
    echappe = f"replace(replace(replace({propre}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    # DuckDB makes a join of each long list after `in`.
    formule = f"contains({texte_sql(''.join(FORMULE))}, nullif({propre}[1], ''))"
    numero = f"if({formule}, {_numero(prefixe)}, {_numero(forme)})"
    debut = f'{_cellule(colonne, numero)} || \' t="inlineStr"><is><t xml:space="preserve">\''
    return f"{debut} || {echappe} || '</t></is></c>'"


def nombre(colonne: int, sql: str, *formes: Any, rang: str = "0") -> str:
    """Return the SQL of a cell that holds a number; `rang` says which of its formats it has."""
    numeros = ", ".join(str(_numero(forme)) for forme in formes)
    return f"{_cellule(colonne, f'[{numeros}][1 + {rang}]')} || '><v>' || {sql} || '</v></c>'"


def est_nombre(imprime: str) -> str:
    """Return the SQL that says whether a printed figure is a number: no range, no mark."""
    return f"contains('0123456789+{MOINS}', {imprime}[1])"


def lire(imprime: str, suffixe: str) -> str:
    """Return the SQL of the number that a figure prints, as a sheet holds it."""
    return f"translate({imprime}, {texte_sql(f'{MOINS},+{ESPACE_FINE}{suffixe}')}, '-.')"


def est_marque(imprime: str) -> str:
    """Return the SQL that says whether a printed figure is the mark of one that is not shown."""
    return f"{imprime} in {liste_sql(sorted(set(MARQUES.values())))}"


def _numero(forme: Any) -> int:
    numero: int = forme._get_xf_index()
    return numero


def _cellule(colonne: int, numero: str) -> str:
    return f"'<c r=\"{xl_col_to_name(colonne)}' || r || '\" s=\"' || {numero} || '\"'"
