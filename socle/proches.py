"""What a mistyped name may have been. Belongs here: the nearest of known names. Does not: which are known."""

from collections.abc import Iterable
from difflib import get_close_matches


def proches(demande: str, connus: Iterable[str], au_plus: int = 3) -> list[str]:
    """The nearest names, nearest first: those that are near, else those that are less so; none at all may be.

    taux_chomages -> taux_chomage, taux_chomage_rp; xyz -> nothing
    """
    noms = list(connus)
    return get_close_matches(demande, noms, au_plus) or get_close_matches(demande, noms, au_plus, 0.4)
