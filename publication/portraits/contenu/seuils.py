"""From which year an evolution is read, and how far from its print a figure may be."""

from collections.abc import Iterable
from itertools import islice

from publication.commun.marts import Ligne
from socle.affichage import Unite
from socle.statuts import MONTRENT

RELATIVE_LISIBLE = (
    "coalesce(evolution_relative_haute - evolution_relative_basse <="
    " (select max(etendue_lisible) from dim_indicateur), true) as relative_lisible"
)
"""In SQL, whether the evolution of a count in percents is narrow enough to be one number.

From 40 to 20, each known by 5: −50 % is somewhere from −78 to −7 %, and −20 is said.
"""

FLOU_EN_POINTS = 0.5
FLOU_RELATIF = 0.02
"""Half-widths up to which a rounded figure is said as it is printed: of a share, and of any other."""


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


def evolution_lue(evolutions: Iterable[Ligne], fin: int, base: int | None) -> Ligne | None:
    """Return the evolution to a year that is told, from the base year or as near to it as can be read.

    Sentences, tables, charts and slides all read this one; it is refused where none can be read.
    """
    possibles = par_debut((e for e in evolutions if e["millesime_fin"] == fin), base)
    return next((e for e in possibles if e["statut"] in MONTRENT), next(iter(possibles), None))


def est_reservee(evolution: Ligne) -> bool:
    """Whether an evolution has a reserve that sets its ends apart; a deduced perimeter only informs."""
    return evolution["reserve_code"] not in (None, "perimetre_deduit")


def est_flou(ligne: Ligne, unite: Unite) -> bool:
    """Whether the bounds of a figure are far enough for a sentence to say "environ".

    12,1 % from 12,0 to 12,2 % is 12,1 %; 12,1 % from 11,5 to 12,7 % is about that, as 40 from 38 to 42 is.
    """
    basse, haute = ligne["borne_basse"], ligne["borne_haute"]
    if basse is None or haute is None:
        return True
    marge: float = (haute - basse) / 2
    return marge > (FLOU_EN_POINTS if unite.suffixe == "%" else FLOU_RELATIF * abs(ligne["valeur"]))
