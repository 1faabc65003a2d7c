"""The file of each millésime that the warehouse would have used on a given day, and the rule that says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from ingestion.contrats import Contrat
from ingestion.journal import Cle, Journal
from socle.horloge import jour_de

Regle = Literal["atterrissage", "publication", "ecarte"]


@dataclass(frozen=True)
class Choix:
    """The file of one millésime on that day; `sha256` is None when `regle` leaves it out."""

    source: str
    ressource: str
    millesime: int
    publie_le: date | None
    sha256: str | None
    regle: Regle
    raison: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, dates as ISO text."""
        return asdict(self) | {"publie_le": self.publie_le and self.publie_le.isoformat()}


class JournalDuJour(Journal):
    """The journal as one day leaves it: one file per millésime, nothing waiting, and nothing written."""

    def __init__(self, chemin: Path, choix: Iterable[Choix]) -> None:
        """Open the journal at `chemin` and keep the files of `choix` only."""
        super().__init__(chemin)
        retenus: dict[Cle, str | None] = {(c.source, c.ressource, c.millesime): c.sha256 for c in choix}
        for cle, etat in self.etats.items():
            etat.candidat = retenus.get(cle)
            etat.acceptations = [("", etat.candidat)] if etat.candidat else []
            etat.refus = etat.refus_sha256 = None
            etat.revisions = {}

    def _consigner(self, contenus: list[dict[str, Any]]) -> None:
        pass


def choisir(contrats: dict[str, Contrat], journal: Journal, jour: date) -> list[Choix]:
    """Choose the file of every millésime that a contract declares or the journal knows."""
    choix = []
    for ressource in (r for contrat in contrats.values() for r in contrat.ressources.values()):
        ou = ressource.source, ressource.nom
        for millesime in sorted({*ressource.millesimes, *journal.millesimes(*ou)}):
            declare = ressource.millesimes.get(millesime)
            publie_le = declare.publie_le if declare else None
            etat = journal.etat(*ou, millesime)
            sha256, regle, raison = choisir_fichier(etat.acceptations, publie_le, jour, etat.retires)
            choix.append(Choix(*ou, millesime, publie_le, sha256, regle, raison))
    return choix


def choisir_fichier(
    acceptes: Sequence[tuple[str, str | None]],
    publie_le: date | None,
    jour: date,
    retires: Collection[str] = (),
) -> tuple[str | None, Regle, str]:
    """Choose among the files accepted for one millésime; return (sha256, rule, why).

    `acceptes`: (ISO time, sha256) of each acceptance, in order; sha256 is None where a person took the file
    back. A file in use here on that day wins; else the first version of a file already public that day, for
    later versions are revisions made since. `retires`: files that were not what their producer had published.
    """
    jours = [(jour_de(le), sha256) for le, sha256 in acceptes]
    if deja := [(le, sha256) for le, sha256 in jours if le <= jour]:
        le, sha256 = deja[-1]
        if sha256 is None:
            return None, "ecarte", f"taken back here on {le}"
        return sha256, "atterrissage", f"in use here since {le}"
    bons = [(le, sha256) for le, sha256 in jours if sha256 is not None and sha256 not in retires]
    if not bons:
        return None, "ecarte", "taken back here since" if jours else "never received here"
    premier, sha_premier = bons[0]
    if publie_le is None:
        return None, "ecarte", f"no day of publication is known, and it was first received on {premier}"
    if publie_le > jour:
        return None, "ecarte", f"public by {publie_le}, received on {premier}: both after that day"
    return sha_premier, "publication", f"public by {publie_le}, received on {premier}"
