"""What French Excel makes of a cell of text: a formula, a number, or what it says.

One rule for every CSV: `est_calcule`, which `exports.csv.sans_formule` writes in SQL.
"""

import re
from decimal import Decimal
from typing import Final

from socle.affichage import PRECISION

FORMULE: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

NOMBRE_ECRIT: Final = "[+-][0-9][0-9 \u00a0\u202f.,]*[a-zA-ZÀ-ÿ%€ ]*"
"""What begins with its sign and is a printed number: `+3,4 points`, `-12`, `+1 250 €`."""


def est_calcule(texte: str) -> bool:
    """Whether a spreadsheet would work this text out."""
    return texte.startswith(FORMULE) and not re.fullmatch(NOMBRE_ECRIT, texte)


def en_csv(valeur: str | float | None) -> str:
    """Write a cell of a CSV for French Excel, a text that it would work out behind an apostrophe.

    3250.0  gives  3250        57.25  gives  57,25        =1+1  gives  '=1+1        +24  gives  +24

    A number has the decimals that write it shortest: 16244.996 is 16244,996, not 16244,995999999999.
    """
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        return f"'{valeur}" if est_calcule(valeur) else valeur
    # Adding zero takes the sign of a zero away.
    court = Decimal(repr(round(valeur, PRECISION) + 0.0)).normalize()
    return format(court, "f").replace(".", ",")
