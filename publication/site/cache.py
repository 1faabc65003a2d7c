"""Drawings kept from one night to the next, each under the digest of all it is made from.

No drawing names its release. An entry holds its own digest: one that was cut or altered is drawn again.
"""

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from socle.disque import ecriture_atomique


@dataclass
class Cache:
    """A folder of drawings; without one, everything is drawn. `code`: digest of what draws them.

    `servis`: the entries read or written since it was opened.
    """

    dossier: Path | None
    code: str
    servis: set[str] = field(default_factory=set)
    dessines: int = 0

    def dessin(self, nature: str, matiere: Any, dessiner: Callable[[], str]) -> str:
        """Return the drawing of `matiere`, kept or made now."""
        cle = empreinte((self.code, nature, matiere))
        self.servis.add(cle)
        if (garde := self._lire(cle)) is not None:
            return garde
        self.dessines += 1
        dessin = dessiner()
        self._garder(cle, dessin)
        return dessin

    def _lire(self, cle: str) -> str | None:
        if self.dossier is None:
            return None
        try:
            entete, corps = (self.dossier / cle).read_bytes().split(b"\n", 1)
            if entete.decode() == hashlib.sha256(corps).hexdigest():
                return corps.decode()
        except (OSError, ValueError):
            pass
        return None

    def _garder(self, cle: str, dessin: str) -> None:
        if self.dossier is None:
            return
        corps = dessin.encode()
        # Lost by a crash, it is drawn again: nothing waits for the disk.
        with ecriture_atomique(self.dossier / cle, synchrone=False) as fichier:
            fichier.write(hashlib.sha256(corps).hexdigest().encode() + b"\n" + corps)


def oublier(dossier: Path | None, servis: set[str]) -> None:
    """Remove the entries that the last writing did not use."""
    if dossier is not None and dossier.is_dir():
        for entree in dossier.iterdir():
            # The folder of another scope is its own.
            if entree.name not in servis and entree.is_file():
                entree.unlink()


def empreinte(matiere: Any) -> str:
    """Return the SHA-256 of a value made of dataclasses, mappings, lists, texts and numbers.

    Two equal values may have two digests (another order of a mapping): they are drawn twice.
    """
    condense = hashlib.sha256()
    plume = pickle.Pickler(_Puits(condense), protocol=5)
    # Without memory of what was written: the same text is written alike, be it one object or two.
    plume.fast = True
    plume.dump(matiere)
    return condense.hexdigest()


@dataclass(frozen=True)
class _Puits:
    """A file that keeps only the digest of what is written there."""

    condense: "hashlib._Hash"

    def write(self, octets: bytes | memoryview) -> int:
        self.condense.update(octets)
        return len(octets)
