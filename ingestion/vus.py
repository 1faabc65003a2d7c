"""Digests of local files unchanged since their last reading: a mirror is not hashed every night."""

from __future__ import annotations

import json
import time
from pathlib import Path

from socle.disque import ecriture_atomique, sha256_fichier
from socle.etat import lire_ou_refaire

# Clocks of file systems are coarse (2 s on some): a file written within that time of its reading may be
# written again under the very same dates.
RECENT_NS = 2_000_000_000


class Vus:
    """State of the files of a mirror when they were hashed (`landing/vus.json`); losing it costs a reading.

    A digest is trusted for the same inode, size and dates (of its bytes and of its inode, which no program
    can set back), when both dates were already old at the reading.
    """

    def __init__(self, chemin: Path) -> None:
        """Use the memory at `chemin`, which need not exist."""
        self._chemin = chemin
        self._vus: dict[str, tuple[list[int], str]] | None = None
        self._change = False

    def sha256(self, fichier: Path) -> str:
        """Return the SHA-256 of a file."""
        vus = self.relire()
        etat, maintenant = fichier.stat(), time.time_ns()
        faits = [etat.st_dev, etat.st_ino, etat.st_size, etat.st_mtime_ns, etat.st_ctime_ns]
        connu = vus.get(str(fichier))
        if connu and list(connu[0]) == faits:
            return connu[1]
        sha256 = sha256_fichier(fichier)
        if max(etat.st_mtime_ns, etat.st_ctime_ns) + RECENT_NS < maintenant:
            vus[str(fichier)] = (faits, sha256)
            self._change = True
        return sha256

    def ecrire(self) -> None:
        """Keep the new digests, if any."""
        if self._change:
            with ecriture_atomique(self._chemin, synchrone=False) as f:
                f.write(json.dumps(self._vus).encode())
            self._change = False

    def relire(self) -> dict[str, tuple[list[int], str]]:
        """Return the known digests, by path; none where they are lost, which is logged."""
        if self._vus is None:
            self._vus = lire_ou_refaire(
                self._chemin,
                dict[str, tuple[list[int], str]],
                {},
                "the digests of files that did not change",
                "every file of the mirror is read again",
            )
        return self._vus
