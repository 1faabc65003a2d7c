"""From which year an evolution is read."""

from collections.abc import Iterable
from itertools import islice

from publication.commun.marts import Ligne


def par_debut(evolutions: Iterable[Ligne], base: int | None) -> list[Ligne]:
    """Sort evolutions that end in one year as they are wanted: the first from the base year, then earlier
    ones.

    base 2019, from 2014, 2017, 2020 and 2022        2020, 2017, 2014
    no base                                          2014, 2017, 2020, 2022
    """
    toutes = sorted(evolutions, key=lambda e: e["millesime_debut"])
    if base is None:
        return toutes
    apres = (e for e in toutes if e["millesime_debut"] >= base)
    return [*islice(apres, 1), *(e for e in reversed(toutes) if e["millesime_debut"] < base)]
