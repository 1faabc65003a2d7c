"""A sheet of many rows in little time: rows are written as they are read, a cell seen before from memory.

XlsxWriter takes a second for 130 000 cells, and a release has millions.
"""

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet


class Grille(Worksheet):  # type: ignore[misc]
    """A sheet that ends with a table, whose rows are made of cells that are `ecrite`."""

    # XlsxWriter closes a workbook that failed before its rows were known, and is to say why it failed.
    _rangees: Iterable[Iterable[str]] = ()
    _entetes = 0

    def remplir(self, rangees: Iterable[Iterable[str]], lignes: int) -> None:
        """Put so many rows under the headings of the table, which has no other."""
        table = self.tables[-1]
        self._rangees, (self._entetes, _) = rangees, xl_cell_to_rowcol(table["range"].split(":")[0])
        self.dim_rowmax = self._entetes + max(lignes, 1)
        place = xl_range(self._entetes, 0, self.dim_rowmax, self.dim_colmax)
        table.update(range=place, a_range=place, autofilter=place)

    def _write_rows(self) -> None:
        self.dim_rowmax = self._entetes
        super()._write_rows()
        lettres = [xl_col_to_name(colonne) for colonne in range(self.dim_colmax + 1)]
        for rang, rangee in enumerate(self._rangees, self._entetes + 2):
            cases = [f'<c r="{a}{rang}{case}' for a, case in zip(lettres, rangee, strict=True) if case]
            self.fh.write(f'<row r="{rang}">{"".join(cases)}</row>')


def ecrite(valeur: str | float | None, forme: Any) -> str:
    """Return a cell as its file has it, from the number of its row on; nothing of an empty one."""
    style = f'" s="{forme._get_xf_index()}"'
    if isinstance(valeur, str):
        return f'{style} t="inlineStr"><is><t xml:space="preserve">{escape(valeur)}</t></is></c>'
    return "" if valeur is None else f"{style}><v>{valeur:.16G}</v></c>"
