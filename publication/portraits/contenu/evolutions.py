"""How the evolution of a figure is told, and whether it can be."""

from collections.abc import Iterable

from publication.commun.chiffres import Cellule
from publication.commun.marts import Indicateur
from publication.commun.marts import Ligne as LigneLue
from publication.portraits.contenu.comparateurs import VIDE
from publication.portraits.contenu.contexte import Contexte, ton
from publication.portraits.contenu.formulations import refus_dits
from publication.portraits.contenu.langue import majuscule
from publication.portraits.contenu.seuils import est_reservee
from socle.affichage import afficher_ecart, afficher_relative, arrondi
from socle.statuts import MONTRENT


def evolution(ctx: Contexte, indicateur: Indicateur) -> tuple[Cellule, str | None]:
    """Return the cell of an evolution, and why it cannot be read where it is refused.

    What did not move at all is unchanged; what moved less than its interval is not significant. A figure that
    is an evolution itself has none.
    """
    e = ctx.evolution(indicateur.indicateur_id)
    if e is None:
        return VIDE, None
    depuis = f" depuis {e['millesime_debut']}"
    if e["statut"] == "refusee":
        return _non_lisible(e["motif_code"], e["motif"])
    if e["statut"] not in MONTRENT:
        return VIDE, None
    if e["lisibilite"] == "trop_peu":
        return Cellule(e["evolution_affichee"]), None
    if e["evolution_basse"] == 0 == e["evolution_haute"]:
        return Cellule(f"inchangé{depuis}"), None
    if e["evolution_lecture"] == "non_significatif":
        return Cellule(f"non significative{depuis}"), None
    if e["lisibilite"] == "intervalle":
        return Cellule(f"{e['evolution_affichee']}{depuis}"), None
    if not bouge(e, indicateur):
        return Cellule(f"stable{depuis}"), None
    return Cellule(f"{evolution_dite(e, indicateur)}{depuis}", ton=ton(e["evolution_lecture"])), None


def evolution_dite(e: LigneLue, i: Indicateur) -> str:
    """Print how much a figure moved: −15,9 % of a count, +3,4 points of a share."""
    if _en_pourcentage(e, i):
        return afficher_relative(e["evolution_relative"])
    return afficher_ecart(e["evolution"], i.unite, i.decimales)


def _non_lisible(code: str, motif: str) -> tuple[Cellule, str]:
    # As the sentences say it: a table has no room for the titles of both sources.
    return Cellule("non lisible"), refus_dits().get(code, motif)


def _en_pourcentage(e: LigneLue, i: Indicateur) -> bool:
    """Whether an evolution is told in percents of its start, as that of a count; a rate moves by points.

    What has no `proportion_lisible` moves by its number.
    """
    return bool(not i.comparable and e["evolution_relative"] is not None and proportion_lisible(e))


def proportion_lisible(e: LigneLue) -> bool:
    """Whether an evolution may be set over its start.

    From 11 children to 6 it is −5: of so few, a percentage would be that of a village; and so of what is too
    rounded for one.
    """
    return bool(e["relative_lisible"] and e["lecture_motif_code"] != "depart_trop_faible")


def bouge(e: LigneLue, i: Indicateur) -> bool:
    """Whether an evolution is between points, can be read, and is seen at the decimals that are printed."""
    if e["lisibilite"] != "point" or e["evolution_lecture"] == "non_significatif":
        return False
    if _en_pourcentage(e, i):
        return arrondi(e["evolution_relative"], 1) != 0
    return arrondi(e["evolution"], i.decimales) != 0


def evolutions_reservees(ctx: Contexte, indicateurs: Iterable[Indicateur]) -> list[str]:
    """Say of which figures the evolution goes from a series of the producer to its next, and since when.

    What only informs, a deduced perimeter, is said once, of nobody.
    """
    reservees: dict[str, list[str]] = {}
    informent: dict[str, None] = {}
    for i in indicateurs:
        e = ctx.evolution(i.indicateur_id)
        if e is None or not e["reserve"]:
            continue
        if est_reservee(e):
            reservees.setdefault(e["reserve"], []).append(i.libelle)
        else:
            informent[f"{majuscule(e['reserve'])}."] = None
    return [
        *(
            f"Évolution à lire avec réserve ({reserve}) : {', '.join(libelles)}."
            for reserve, libelles in reservees.items()
        ),
        *informent,
    ]
