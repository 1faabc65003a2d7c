"""When a figure is sure enough to be judged: of too few, too wide, or read from which year."""

from collections.abc import Callable, Iterable
from itertools import islice

from publication.commun.chiffres import ASSISE
from publication.commun.marts import Ligne
from socle.affichage import Unite

ETENDUE_LISIBLE = 10.0
"""In points: a share between bounds further apart is in no class of a map, and no such median is read."""


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


def est_de_peu(combien: float | None) -> bool:
    """Whether this many are too few for what they are the base of to be judged; what is unknown is not."""
    return combien is not None and abs(combien) < ASSISE


def evolution_de_peu(paire: Ligne, comparable: bool, de_peu: Callable[[int], bool]) -> bool:
    """Whether an evolution is of a count that was few, or of a share of few at either end (`de_peu`)."""
    if not comparable:
        return est_de_peu(paire["valeur_debut"])
    return de_peu(paire["millesime_debut"]) or de_peu(paire["millesime_fin"])


def est_trop_large(basse: float | None, haute: float | None, unite: Unite) -> bool:
    """Whether a share lies between bounds so far apart that its value says nothing, or unknown ones.

    14,3 % from 7,7 to 27,3 % does; 12,1 % from 12,0 to 12,2 % does not.
    """
    if basse is None or haute is None:
        return True
    return unite.suffixe == "%" and haute - basse > ETENDUE_LISIBLE
