"""The cell of an evolution, and the notes under the table it stands in."""

from collections.abc import Iterable

from publication.lecture.chiffres import Cellule
from publication.lecture.evolutions import a_reserve, evolution_dite
from publication.lecture.marts import Indicateur
from publication.portraits.contenu.comparateurs import VIDE
from publication.portraits.contenu.contexte import Contexte, ton
from publication.portraits.contenu.formulations import refus_dits
from publication.portraits.contenu.langue import majuscule


def evolution(ctx: Contexte, indicateur: Indicateur) -> tuple[Cellule, str | None]:
    """Return the cell of an evolution, and why it cannot be read where it is refused."""
    e = ctx.evolution(indicateur.indicateur_id)
    if e is None:
        return VIDE, None
    # As the sentences say it: a table has no room for the titles of both sources.
    refus = refus_dits().get(e["motif_code"], e["motif"]) if e["forme"] == "refusee" else None
    return Cellule(evolution_dite(e), ton=ton(e["couleur"])), refus


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
        if a_reserve(e):
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
