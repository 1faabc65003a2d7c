"""Workbooks and sheets of figures for Excel and LibreOffice: one per theme in a release, one for a territory.

Belongs here: `module`, which imports that of a workbook when it is asked for, for no night nor command pays
for one that it does not write; what every spreadsheet is guarded against. Does not: the workbook of a
portrait (`publication.portraits.xlsx`), nor the CSV of the tables (`publication.exports.csv`).
"""

import importlib
from typing import Any, Final

FORMULE: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def module(nom: str) -> Any:
    """Return a module that loads the library of workbooks: `themes`, `verdicts`."""
    return importlib.import_module(f"publication.tableurs.{nom}")


def en_csv(valeur: str | float | None) -> str:
    """Write a cell of a CSV for French Excel, which would work out a text that begins as a formula.

    3250.0  gives  3250        57.25  gives  57,25        =1+1  gives  '=1+1
    """
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        return f"'{valeur}" if valeur.startswith(FORMULE) else valeur
    return f"{valeur:.12f}".rstrip("0").rstrip(".").replace(".", ",")
