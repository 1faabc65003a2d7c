"""The door of this room for the night: receive, normalise, accept, and the files in use."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from ingestion import retenus
from ingestion.bilan import BilanSource, Piece
from ingestion.contrats import Contrat
from ingestion.erreurs import ErreurSource
from ingestion.fonds import SOURCE_COG, Fonds, dans_l_ordre
from ingestion.journal import Journal
from ingestion.normalisation import Normalisation
from ingestion.profil import NomProfil, Profil
from ingestion.reception import ReceptionSources
from ingestion.retenus import Attente, FichierRetenu, Retenus
from ingestion.seuils import Difference

__all__ = [
    "SOURCE_COG",
    "Acquisition",
    "Attente",
    "BilanSource",
    "FichierRetenu",
    "NomProfil",
    "Profil",
    "Retenus",
    "dans_l_ordre",
]


class Acquisition(Fonds):
    """The ingestion of one `CTG_HOME`. One process at a time.

    With `jour`, the files are those of that day (`ingestion.as_of`, reasons in `choix`): nothing is received,
    accepted or written in the journal; a file may still be typed.
    """

    def __init__(
        self, home: Path, contrats: dict[str, Contrat], profil: Profil, jour: date | None = None
    ) -> None:
        """Work under `home` (`landing/`, `normalised/`, `depot/`)."""
        super().__init__(home, contrats, profil, jour)
        self._reception, self._normalisation = ReceptionSources(self), Normalisation(self)
        self._retenus: tuple[Journal, Retenus] | None = None

    def balayer(self) -> None:
        """Remove what a killed process left half-written; the caller holds the lock of CTG_HOME."""
        for reste in (self.home / "landing").glob(".recu-*"):
            shutil.rmtree(reste, ignore_errors=True)
        for reste in (self.home / "normalised").glob("*/*/*/.*.tmp"):
            reste.unlink()

    def depots_inconnus(self) -> list[ErreurSource]:
        """Report what lies at the root of the depot under a name that is no source."""
        return self._reception.depots_inconnus()

    def recevoir(self, source: str) -> BilanSource:
        """Fetch and land the new files of a source; no file stops the others."""
        self._retenus = None
        return self._reception.recevoir(source)

    def normaliser(self, source: str) -> BilanSource:
        """Type new files, accept or refuse each; no file stops the others."""
        self._retenus = None
        return self._normalisation.normaliser(source)

    def accepter(self, source: str, ressource: str, millesime: int, sha: str) -> Piece:
        """Use, from now on, the validated file whose sha256 starts with `sha`."""
        self._retenus = None
        return self._normalisation.accepter(source, ressource, millesime, sha)

    def diff(self, source: str, ressource: str, millesime: int, ancien: str, nouveau: str) -> Difference:
        """Compare two validated files of a millésime, named by the start of their sha256."""
        return self._normalisation.diff(source, ressource, millesime, ancien, nouveau)

    def retenus(self) -> Retenus:
        """Return the files in use: one snapshot, until this object works again or the journal changes."""
        journal = self.journal()
        if self._retenus is None or self._retenus[0] is not journal:
            self._retenus = journal, retenus.prendre(self)
        return self._retenus[1]

    def fichiers_retenus(self, source: str | None = None) -> list[FichierRetenu]:
        """Return the files in use (of one source), in order of source, ressource and millésime."""
        if source and self._retenus is None:
            # In the middle of the night: the others are about to change.
            return list(retenus.prendre(self, source).fichiers)
        return self.retenus().de(source) if source else list(self.retenus().fichiers)

    def jamais_recues(self) -> dict[tuple[str, str], Path]:
        """Return, by (source, ressource) without any file in use, an empty Parquet of its schema."""
        return retenus.jamais_recues(self, self.retenus())
