"""What the drills add up to, printed when pytest ends: faults, and what they must never do.

Belongs here: the kinds, counting and wording them. Does not: any drill; one says what it saw by the fixture
`bilan` (`tests.drills.totaux`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

PERDUE, DECHIREE, PARTIELLE, OBSCURE, NON_GUERIE = "lost", "torn", "partial", "unclear", "not healed"
"""A release (or a file) lost, one read torn, one published in part, an error that does not say
what to do, a disturbance that the next night does not heal."""

DITS = {
    PERDUE: "releases lost",
    DECHIREE: "torn reads",
    PARTIELLE: "partial publications",
    OBSCURE: "unclear errors",
    NON_GUERIE: "nights that did not heal",
}


class Bilan:
    """The counts of a session."""

    def __init__(self) -> None:
        self.fautes = 0
        self.comptes = dict.fromkeys(DITS, 0)

    def ajouter(self, fautes: int, vus: Mapping[str, int] | None = None) -> None:
        self.fautes += fautes
        for genre, combien in (vus or {}).items():
            self.comptes[genre] += combien

    @contextmanager
    def exiger(self, genre: str) -> Iterator[None]:
        """Count what is asserted within under `genre` where it does not hold."""
        try:
            yield
        except AssertionError:
            self.comptes[genre] += 1
            raise

    def __str__(self) -> str:
        comptes = [("faults injected", self.fautes), *((DITS[g], n) for g, n in self.comptes.items())]
        return ", ".join(f"{dit} {nombre:,}".replace(",", " ") for dit, nombre in comptes)
