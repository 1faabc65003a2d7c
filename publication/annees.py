"""Years as pages and sheets list them.

Belongs here: those words, in French. Does not: which years are told.
"""

from collections.abc import Sequence


def annees_dites(annees: Sequence[int]) -> str:
    """Word years, those that follow each other joined: `2008 à 2012, 2015`."""
    suites: list[list[int]] = []
    for annee in annees:
        if suites and annee == suites[-1][-1] + 1:
            suites[-1].append(annee)
        else:
            suites.append([annee])
    return ", ".join(f"{s[0]} à {s[-1]}" if len(s) > 2 else ", ".join(map(str, s)) for s in suites)
