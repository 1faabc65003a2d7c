"""Known names near to a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches


def proches(demande: str, connus: Iterable[str], au_plus: int = 3) -> list[str]:
    """Return the nearest names, nearest first, from near matches, else from looser ones; maybe none.

    taux_chomages -> taux_chomage, taux_chomage_rp; xyz -> nothing
    """
    noms = list(connus)
    return get_close_matches(demande, noms, au_plus) or get_close_matches(demande, noms, au_plus, 0.4)
