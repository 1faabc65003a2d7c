"""What of the extract is past its retention, and may go without a figure going with it.

Belongs here: what keeps a December until a night has frozen its aggregates, and the purge that a night does
by itself where the mapping says so (`purge_de_nuit`). Does not belong here: what is due, nor its removal
(`ingestion.extrait.purge`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ingestion.extrait.correspondance import Correspondance, CorrespondanceInvalide, charger_correspondance
from ingestion.extrait.purge import BrutDu, MoisDu, bruts_dus, micro_dus, purger
from socle.horloge import aujourd_hui

from .agregats import geles
from .reglages import Reglages


@dataclass(frozen=True)
class Purge:
    """What goes, micro months and raw files; `gardes` are due, and their figures would go with them."""

    mois: Sequence[MoisDu]
    bruts: Sequence[BrutDu]
    gardes: Sequence[MoisDu] = ()

    @property
    def lignes(self) -> list[str]:
        """A line for each thing that goes."""
        return [f"micro {d.mois} ({d.finalite}): {d.motif}" for d in self.mois] + [
            f"raw {b.extrait.mois}: {b.motif}" for b in self.bruts
        ]


RIEN: Final = Purge((), ())
"""Nothing goes."""


def a_purger(
    reglages: Reglages,
    correspondance: Correspondance,
    finalite: str | None = None,
    avant: str | None = None,
    *,
    sans_gel: bool = False,
) -> Purge:
    """Say what is due; the options are those of `ctg extrait purge`."""
    micro = reglages.micro()
    dus = micro_dus(micro, correspondance, aujourd_hui(), finalite, avant)
    gardes = [] if sans_gel else _non_geles(reglages)
    partent = [d for d in dus if d.mois not in gardes]
    purges = {(d.mois, d.finalite) for d in partent}
    bruts = bruts_dus(micro, reglages.origine_extrait(), correspondance, datetime.now(UTC), purges)
    return Purge(partent, bruts, [d for d in dus if d.mois in gardes])


def purger_de_nuit(reglages: Reglages) -> Purge:
    """Remove what is past its retention where the mapping asks the night to; return what went.

    The caller holds the lock. A December that no night has frozen stays until one has: the night that first
    counts it is never the one that removes it. A mapping that cannot be read removes nothing, and reception
    refuses it.
    """
    fichier = reglages.origine_extrait().correspondance
    if not fichier.exists():
        return RIEN
    try:
        correspondance = charger_correspondance(fichier)
    except CorrespondanceInvalide:
        return RIEN
    if correspondance.purge_de_nuit != "oui":
        return RIEN
    dus = a_purger(reglages, correspondance)
    purger(reglages.micro(), list(dus.mois), list(dus.bruts))
    return dus


def _non_geles(reglages: Reglages) -> list[str]:
    """Months whose figures would go with their rows."""
    connus = geles(reglages.zones().agregats)
    return [m.mois for m in reglages.micro().acceptes() if m.annuel and (m.mois, m.sha256) not in connus]
