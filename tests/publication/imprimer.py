"""What a spreadsheet in French prints of a cell, and the tables that Excel finds in a sheet."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from socle.affichage import ESPACE_FINE


def imprimer(nombre: float, format_nombre: str) -> str:
    """Print a number, for what workbooks use of formats: sections by sign, quoted texts, `#,##0`, `0.0`."""
    sections = format_nombre.replace("[$-40C]", "").split(";")
    signe = "-" if nombre < 0 and len(sections) == 1 else ""
    section = sections[
        1 if nombre < 0 and len(sections) > 1 else 2 if not nombre and len(sections) > 2 else 0
    ]
    lu = re.fullmatch(r"""((?:"[^"]*"|\\")*)(#,##)?0(?:\.(0+))?((?:"[^"]*"|\\")*)""", section)
    assert lu is not None, format_nombre
    devant, derriere = (re.sub(r'\\(")|"', r"\1", lu[rang]) for rang in (1, 4))
    ecrit = f"{abs(nombre):{',' if lu[2] else ''}.{len(lu[3] or '')}f}"
    return f"{signe}{devant}{ecrit.replace(',', ESPACE_FINE).replace('.', ',')}{derriere}"


def imprimee(cellule: Any) -> str:
    """Print a cell that was read back; a text is what it says."""
    if isinstance(cellule.value, datetime):
        return f"{cellule.value:%d/%m/%Y}"
    if isinstance(cellule.value, int | float):
        return imprimer(cellule.value, cellule.number_format)
    return str(cellule.value)


def tableaux(feuille: Any) -> Iterator[list[str]]:
    """Yield the headings of each table; Excel repairs one whose columns are not its first row."""
    for table in feuille.tables.values():
        entete, *lignes = feuille[table.ref]
        noms = [colonne.name for colonne in table.tableColumns]
        assert noms == [c.value for c in entete] and len({nom.lower() for nom in noms}) == len(noms)
        assert lignes and not any(table.ref in str(fusion) for fusion in feuille.merged_cells.ranges)
        yield noms
