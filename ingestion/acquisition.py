"""The door of this room for the night: receive, normalise, accept, and the files in use."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from ingestion import retenus
from ingestion.bilan import BilanSource
from ingestion.contrats import Contrat
from ingestion.contrats.grammaire import SOURCE_COG
from ingestion.fonds import dans_l_ordre
from ingestion.normalisation import Normalisation
from ingestion.profil import NomProfil, Profil
from ingestion.reception import ReceptionSources
from ingestion.retenus import FichierEnAttente, FichierRetenu, Retenus

__all__ = [
    "SOURCE_COG",
    "Acquisition",
    "BilanSource",
    "FichierEnAttente",
    "FichierRetenu",
    "NomProfil",
    "Profil",
    "Retenus",
    "dans_l_ordre",
]


class Acquisition(ReceptionSources, Normalisation):
    """The ingestion of one `CTG_HOME`. One process at a time.

    With `jour`, the files are those of that day (`ingestion.as_of`, reasons in `choix`): nothing is received,
    accepted or written in the journal; a file may still be typed.
    """

    def __init__(
        self, home: Path, contrats: dict[str, Contrat], profil: Profil, jour: date | None = None
    ) -> None:
        """Work under `home` (`landing/`, `normalised/`, `depot/`)."""
        super().__init__(home, contrats, profil, jour)
        self._retenus: tuple[object, Retenus] | None = None

    def balayer(self, *, retirer: bool = True) -> None:
        """Remove what a killed process left half-written; the caller holds the lock of CTG_HOME.

        `retirer`: remove old refused bytes too, where the clock is believed.
        """
        for reste in (self.home / "landing").glob(".recu-*"):
            shutil.rmtree(reste, ignore_errors=True)
        for reste in (self.home / "normalised").rglob(".*.tmp"):
            reste.unlink()
        journal = self.landing.racine / "journal.jsonl"
        if retirer and not self.jour and journal.exists():
            # Ages are counted up to the last night's writing, for a clock that has just jumped ages nothing.
            self.landing.oublier_les_refuses(journal.stat().st_mtime)

    def retenus(self) -> Retenus:
        """Return the files in use: one snapshot, until the journal changes."""
        version = self.journal().version
        if self._retenus is None or self._retenus[0] != version:
            self._retenus = version, retenus.prendre(self)
        return self._retenus[1]

    def fichiers_retenus(self, source: str | None = None) -> list[FichierRetenu]:
        """Return the files in use (of one source), in order of source, ressource and millésime."""
        if source and self._retenus is None:
            # The files of the other sources may still change tonight.
            return list(retenus.prendre(self, source).fichiers)
        return self.retenus().de(source) if source else list(self.retenus().fichiers)

    def jamais_recues(self) -> dict[tuple[str, str], Path]:
        """Return, by (source, ressource) without any file in use, an empty Parquet of its schema."""
        return retenus.jamais_recues(self, self.retenus())
