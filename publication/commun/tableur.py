"""What French Excel makes of a cell of text: a formula, a number, or what it says."""

from typing import Final

FORMULE: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def en_csv(valeur: str | float | None) -> str:
    """Write a cell of a CSV for French Excel, which would work out a text that begins as a formula.

    3250.0  gives  3250        57.25  gives  57,25        =1+1  gives  '=1+1
    """
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        return f"'{valeur}" if valeur.startswith(FORMULE) else valeur
    return f"{valeur:.12f}".rstrip("0").rstrip(".").replace(".", ",")
