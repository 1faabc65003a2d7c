"""What a release says of how figures moved: rows of `mart_evolutions_dites`, from the year that is asked for.

The mart decides the start, the number, the word and the colour; forms print them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from publication.lecture.lots import Ligne
from publication.lecture.marts import Marts

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
    lues = marts.des(
        f"from mart_evolutions_dites where territoire_id in (select unnest($territoires)) and {choix}"
        " order by indicateur_id",
        territoires,
        **({} if depuis is None else {"depuis": depuis}),
    )
    return {(e["territoire_id"], e["indicateur_id"]): e for e in lues}


def evolution_entre(
    marts: Marts, territoire_id: str, indicateur_id: str, debut: int | None, fin: int | None
) -> Ligne | None:
    """Return the evolution between two years that are asked for, of which no movement is said."""
    lues = marts.lignes(
        "select *, null as mouvement, null as couleur"
        " from mart_evolutions where territoire_id = $t and indicateur_id = $i"
        " and millesime_debut = coalesce($de, millesime_debut)"
        " and millesime_fin = coalesce($a, millesime_fin)"
        " order by evolution is null, millesime_fin desc, millesime_debut limit 1",
        {"t": territoire_id, "i": indicateur_id, "de": debut, "a": fin},
    )
    return lues[0] if lues else None


def annees_des_evolutions(marts: Marts, territoire_id: str, indicateur_id: str) -> list[str]:
    """Return the pairs of years that have one: `2017-2021`."""
    lues = marts.lignes(
        "select distinct millesime_debut || '-' || millesime_fin as annees from mart_evolutions"
        " where territoire_id = $t and indicateur_id = $i order by annees",
        {"t": territoire_id, "i": indicateur_id},
    )
    return [ligne["annees"] for ligne in lues]


def evolutions_refusees(marts: Marts, territoires: Sequence[str]) -> Sequence[Ligne]:
    """Return the refusals between two years that follow each other, by territory, in the order of years."""
    return marts.des(
        "select territoire_id, indicateur_id, millesime_fin, motif_code, motif from mart_evolutions"
        " where territoire_id in (select unnest($territoires)) and consecutifs and statut = 'refusee'"
        " order by millesime_fin, millesime_debut",
        territoires,
    )


def evolution_dite(e: Mapping[str, Any]) -> str:
    """Word an evolution: `−4,7 % depuis 2019`, `stable depuis 2020`, `non lisible`."""
    texte: str = e["evolution_affichee"]
    return texte if e["forme"] in _SANS_ANNEE else f"{texte} depuis {e['millesime_debut']}"


def bouge(e: Mapping[str, Any]) -> bool:
    """Whether a number says how far it went: between points, beyond their intervals, seen when printed."""
    return bool(e["forme"] == "mesuree")


def a_reserve(e: Mapping[str, Any]) -> bool:
    """Whether a reserve sets its ends apart; that of a deduced or proved perimeter only informs."""
    return e["reserve_code"] not in (None, "perimetre_deduit", "perimetre_prouve")
