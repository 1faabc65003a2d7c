"""What a release says of how figures moved: rows of `mart_evolutions_dites`, from the year that is asked for.

The mart decides the start, the number, the word and the colour; forms print them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from publication.lecture.marts import Ligne, Marts

MOUVEMENTS = ("hausse", "baisse", "deux_niveaux")
"""What a sentence may tell: a rise or a fall that is established, else two levels and their years."""
_SANS_ANNEE = ("refusee", "trop_peu")


def evolutions_dites(
    marts: Marts, territoires: Sequence[str], depuis: int | None
) -> dict[tuple[str, str], Ligne]:
    """Return what is said of (territoire_id, indicateur_id), from a year, else from the one told unasked."""
    choix = "choisie"
    if depuis is not None:
        choix = "$depuis >= coalesce(depuis_de, $depuis) and $depuis <= coalesce(depuis_a, $depuis)"
    lues = marts.lignes(
        f"from mart_evolutions_dites where territoire_id in (select unnest($ids)) and {choix}"
        " order by territoire_id, indicateur_id",
        {"ids": list(territoires)} | ({} if depuis is None else {"depuis": depuis}),
    )
    return {(e["territoire_id"], e["indicateur_id"]): e for e in lues}


def evolution_dite(e: Mapping[str, Any]) -> str:
    """Word an evolution: `−4,7 % depuis 2019`, `stable depuis 2020`, `non lisible`."""
    texte: str = e["evolution_affichee"]
    return texte if e["forme"] in _SANS_ANNEE else f"{texte} depuis {e['millesime_debut']}"


def bouge(e: Mapping[str, Any]) -> bool:
    """Whether a number says how far it went: between points, beyond their intervals, seen when printed."""
    return bool(e["forme"] == "mesuree")


def a_reserve(e: Mapping[str, Any]) -> bool:
    """Whether a reserve sets its ends apart, so that it is read with it; a deduced perimeter only informs."""
    return e["reserve_code"] not in (None, "perimetre_deduit")
