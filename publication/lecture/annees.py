"""How pages and sheets list years."""

from collections.abc import Mapping, Sequence
from typing import Any


def annees_dites(annees: Sequence[int]) -> str:
    """Word years, those that follow each other joined: `2008 à 2012, 2015`."""
    suites: list[list[int]] = []
    for annee in annees:
        if suites and annee == suites[-1][-1] + 1:
            suites[-1].append(annee)
        else:
            suites.append([annee])
    return ", ".join(f"{s[0]} à {s[-1]}" if len(s) > 2 else ", ".join(map(str, s)) for s in suites)


def annees_du_chiffre(ligne: Mapping[str, Any]) -> str:
    """Word the years of a row of `fct_indicateurs`: an evolution has two, a ratio may.

    `2021`        `2017-2021`        places of 2024 for the inhabitants of 2022: `2024 (dénominateur : 2022)`
    """
    millesime, base, diviseur = (ligne[c] for c in ("millesime", "millesime_base", "millesime_denominateur"))
    if base is not None and base != millesime:
        return f"{base}-{millesime}"
    if diviseur is not None and diviseur != millesime:
        return f"{millesime} (dénominateur\u00a0: {diviseur})"
    return str(millesime)
