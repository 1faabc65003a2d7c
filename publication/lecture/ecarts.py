"""On which side of another a figure is said to be, where no mart set the two beside each other.

`dbt_project/macros/comparaison.sql` is the rule, in SQL, that `mart_comparaisons` says it by; a test compares
the two. Belongs here: territories that a reader asked for. Does not: what the mart says of the wider ones.
"""

from math import hypot
from typing import Literal

from publication.lecture.lots import Ligne
from socle.affichage import PRECISION, arrondi

QUANTILE = 2.576
"""Deviations on each side of an interval at 99 %: `quantile_intervalle` of seeds/parametres.csv."""

Place = Literal["au_dessus", "au_dessous", "proche"]


def place_dite(un: Ligne, autre: Ligne, i: Ligne) -> Place | None:
    """Say where the first of two figures of an indicateur is; None where nothing may be said.

    `i` is its row of `dim_indicateur`, they are rows of `fct_indicateurs`.
    """
    if not un["lisibilite"] == autre["lisibilite"] == "point" or _de_peu(un, i) or _de_peu(autre, i):
        return None
    ecart = un["valeur"] - autre["valeur"]
    relative = max(abs(un["valeur"]), abs(autre["valeur"])) * i["ecart_minimal_relatif"] / 100
    if arrondi(ecart, i["decimales"]) == 0 or abs(round(ecart, PRECISION)) < max(
        i["ecart_minimal"] or 0, relative
    ):
        return "proche"
    haut, bas = (un, autre) if ecart > 0 else (autre, un)
    if _au_moins(haut, bas) <= 0:
        return None
    return "au_dessus" if ecart > 0 else "au_dessous"


def _de_peu(f: Ligne, i: Ligne) -> bool:
    """Whether a figure rests on too few in its numerator, or of a share of a whole in what it leaves."""
    numerateur = f["numerateur"]
    if not i["assise_numerateur"] or numerateur is None:
        return False
    laisse = f["denominateur"] - numerateur if i["part_d_un_tout"] else numerateur
    return bool(min(numerateur, laisse) < i["assise_minimale"])


def _au_moins(haut: Ligne, bas: Ligne) -> float:
    """Return the least that is between two figures: roundings are independent, what is left adds up."""
    basse, haute = haut["borne_basse"], bas["borne_haute"]
    if basse is None or haute is None:
        return float("-inf")
    bruits = haut["ecart_type_arrondi"], bas["ecart_type_arrondi"]
    demis = abs(basse - haut["valeur"]), abs(haute - bas["valeur"])
    reste: float = sum(max(demi - QUANTILE * bruit, 0) for demi, bruit in zip(demis, bruits, strict=True))
    ecart: float = haut["valeur"] - bas["valeur"]
    return ecart - min(float(sum(demis)), reste + QUANTILE * hypot(*bruits))
