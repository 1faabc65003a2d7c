"""How far from its print a figure may be for a sentence to say "environ"."""

from publication.lecture.lots import Ligne
from socle.affichage import Unite

FLOU_EN_POINTS = 0.5
FLOU_RELATIF = 0.02
"""Half-widths up to which a rounded figure is said as it is printed: of a share, and of any other."""


def est_flou(ligne: Ligne, unite: Unite) -> bool:
    """Whether the bounds of a figure are far enough for a sentence to say "environ".

    12,1 % from 12,0 to 12,2 % is 12,1 %; 12,1 % from 11,5 to 12,7 % is about that, as 40 from 38 to 42 is.
    """
    basse, haute = ligne["borne_basse"], ligne["borne_haute"]
    if basse is None or haute is None:
        return True
    marge: float = (haute - basse) / 2
    return marge > (FLOU_EN_POINTS if unite.suffixe == "%" else FLOU_RELATIF * abs(ligne["valeur"]))
