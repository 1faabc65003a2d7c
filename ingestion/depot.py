"""Files dropped by hand: noticed before they are read, removed once taken in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingestion.erreurs import ErreurSource, Lieu
from socle.disque import marque, synchroniser
from socle.panne import en_ecrivant


@dataclass(frozen=True)
class Depose:
    """Files dropped together, and the marks that tell them from others that take their names later."""

    fichiers: tuple[Path, ...]
    marques: tuple[tuple[int, ...], ...]

    @classmethod
    def trouver(cls, *fichiers: Path) -> Depose:
        """Mark the files before they are read: whatever is written in them from here on shows."""
        return cls(fichiers, _marques(fichiers))

    @property
    def intacts(self) -> bool:
        """Whether nobody wrote in the files, or put others in their place."""
        return self.marques == _marques(self.fichiers)

    def retirer(self) -> bool:
        """Remove the files, durably; return whether they went, as corrections dropped meanwhile do not."""
        if not self.intacts:
            return False
        dossier = self.fichiers[0].parent
        with en_ecrivant(dossier, "the removal of a file that was taken in"):
            for fichier in self.fichiers:
                fichier.unlink()
            # A file that the journal says is removed must not come back after a cut of power.
            synchroniser(dossier)
        return True


def _marques(fichiers: Iterable[Path]) -> tuple[tuple[int, ...], ...]:
    # The marks are those of a link itself, never of its target.
    return tuple(marque(f, suivre=False) for f in fichiers)


def ambigu(lieu: Lieu, observe: str, attendu: str) -> ErreurSource:
    """Return the error of a depot that does not hold what is expected."""
    return lieu.erreur(
        "depot_ambigu", observe=observe, attendu=attendu, que_faire="move the files to such a folder, alone"
    )
