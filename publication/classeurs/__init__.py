"""Workbooks of figures for Excel and LibreOffice, and what every workbook is written with."""

import importlib
from typing import Any


def module(nom: str) -> Any:
    """Return a module that loads the library of workbooks, which only those who write one pay for."""
    return importlib.import_module(f"publication.classeurs.{nom}")
