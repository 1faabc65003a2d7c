"""Workbooks and sheets of figures for Excel and LibreOffice: one per theme in a release, one for a territory.

Belongs here: `faire`, which imports the module of a workbook when it is asked for: no night nor command pays
for one that it does not write. Does not: the workbook of a portrait (`publication.portraits.xlsx`), nor the
CSV of the tables (`publication.exports.csv`).
"""

import importlib
from typing import Any


def module(nom: str) -> Any:
    """Return a module that loads the library of workbooks: `themes`, `extraits`, `verdicts`."""
    return importlib.import_module(f"publication.tableurs.{nom}")
