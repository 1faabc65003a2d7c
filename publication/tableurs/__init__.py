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
