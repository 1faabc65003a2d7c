"""Progress of the reading of an extract. A number of rows is a number of persons: only in hundred thousands,
and only where nothing keeps it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Avancement:
    """Rows read so far of a file, its bytes gone through and in all."""

    fichier: str
    lignes: int
    octets: int
    total: int


Suivre = Callable[[Avancement], None]


def ne_rien_dire(_: Avancement) -> None:
    """Follow a reading that nobody watches."""


def lignes_lues(lignes: float) -> str:
    """Word rows in millions; nothing under a hundred thousand."""
    return f"{lignes // 100_000 / 10:.1f} M rows" if lignes >= 100_000 else ""


class DeTempsEnTemps:
    """Reports the progress every `pas` seconds; nothing for a shorter reading."""

    def __init__(self, dire: Callable[[str], None], pas: float, *, lignes: bool) -> None:
        """Report by `dire`; the number of rows and their speed, only with `lignes`."""
        self._dire, self._pas, self._lignes = dire, pas, lignes
        self._debuts: dict[str, float] = {}
        self._dernier = time.monotonic()

    def __call__(self, a: Avancement) -> None:
        """Report the progress if it is time to."""
        ici = time.monotonic()
        depuis = ici - self._debuts.setdefault(a.fichier, self._dernier)
        if ici - self._dernier < self._pas or not a.octets:
            return
        self._dernier = ici
        restent = depuis * (a.total - a.octets) / a.octets
        parties = [f"{a.fichier}: {a.octets / 1e6:.0f} of {a.total / 1e6:.0f} MB"]
        if self._lignes and (lues := lignes_lues(a.lignes)):
            parties.append(f"{lues}, {a.lignes / depuis / 1e6:.2f} M rows/s")
        self._dire(", ".join([*parties, f"{restent:.0f} s left"]))
