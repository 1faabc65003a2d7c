"""The masks of each release, kept in the closed zone: why its cells are hidden, for the operator alone.

Belongs here: which of their columns are kept, and finding one. Does not: what the reasons mean
(`confidentialite.regle.raisons`).
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from confidentialite.regle import parametres
from socle.erreurs import ErreurPublication
from socle.sql import texte_sql

from .par_release import garder

_MASQUES = """
    select territoire_id, millesime, indicateur_id, raison, formule, communes, protege, {regles} as regles
    from intermediate.int_masques
    order by all
"""


@dataclass(frozen=True)
class MasqueGarde:
    """Why one cell of a release is hidden: the columns of int_masques.

    `regles`: the parameters of that night, as `Parametres.texte` writes them; None of a release that was made
    before they were kept.
    """

    territoire_id: str
    millesime: int
    indicateur_id: str
    raison: str
    formule: str | None
    communes: int | None
    protege: str | None
    regles: str | None = None


def garder_masques(base: Path, dossier: Path, release_id: str, releases: Path) -> Path:
    """Keep the masks of a build under the release it made."""
    requete = _MASQUES.format(regles=texte_sql(parametres.charger().texte()))
    return garder(base, requete, dossier, release_id, releases)


def chercher(dossier: Path, release_id: str, cellule: tuple[str, int, str]) -> MasqueGarde | None:
    """Why a cell (territoire_id, millésime, indicateur) of a release is hidden; None when no mask hides it.

    Raises ErreurPublication when the masks of that release are not here.
    """
    table = _lire(dossier, release_id)
    territoire_id, millesime, indicateur_id = cellule
    lignes = table.filter(
        (pc.field("territoire_id") == territoire_id)
        & (pc.field("millesime") == millesime)
        & (pc.field("indicateur_id") == indicateur_id)
    ).to_pylist()
    return MasqueGarde(**lignes[0]) if lignes else None


def compter(dossier: Path, release_id: str) -> dict[str, int]:
    """How many cells each reason hides in a release, over the whole warehouse.

    Raises ErreurPublication when the masks of that release are not here.
    """
    raisons = _lire(dossier, release_id)["raison"].to_pylist()
    return dict(sorted(Counter(raisons).items()))


def _lire(dossier: Path, release_id: str) -> pa.Table:
    fichier = dossier / f"{release_id}.parquet"
    try:
        return pq.read_table(fichier)
    except (OSError, pa.ArrowException) as erreur:
        raise ErreurPublication(
            f"The masks of release {release_id} are not in the closed zone ({fichier}: "
            f"{erreur.__class__.__name__}). They stay with the machine of the night that made it, for whoever"
            " may read there."
        ) from None
