"""What the drills add up to, printed when pytest ends: faults, and what they must never do.

Belongs here: the kinds, counting and wording them. Does not: any drill; one says what it saw by the fixture
`bilan` (`tests.drills.totaux`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PERDU, FAUX, NON_DIT, A_LA_MAIN = "lost", "wrong", "untold", "hand"
CLASSES = {
    PERDU: "data lost",
    FAUX: "readers wrong",
    NON_DIT: "nobody told",
    A_LA_MAIN: "needs a hand",
}
"""What a fault does that must not be: something nobody can make again is gone; readers have a figure that no
night published, or half of a release; what is wrong is not told, or told wrongly, or not what to do of it;
the next night does not heal by itself."""

DISQUE, PROCESSUS, FICHIER, PARTAGE, HORLOGE = "disk", "process", "file", "share", "clock"
OPERATEUR, VERSION, RESEAU, MEMOIRE = "operator", "upgrade", "network", "memory"
ORIGINES = (DISQUE, PROCESSUS, FICHIER, PARTAGE, HORLOGE, OPERATEUR, VERSION, RESEAU, MEMOIRE)
"""Where faults come from."""

Constat = tuple[str, str]
"""A class of `CLASSES`, and what was seen."""


@dataclass(frozen=True)
class Essai:
    """A fault that was tried: where it is from, what it is, what was seen of it, whether it was reached."""

    origine: str
    quoi: str
    constats: Sequence[Constat]
    atteint: bool = True


class Bilan:
    """The counts of a session, by origin."""

    def __init__(self) -> None:
        # Faults; of these, those of a whole night or a whole home, no single operation; what was seen.
        self.fautes: Counter[str] = Counter()
        self.entieres: Counter[str] = Counter()
        self.vus: Counter[tuple[str, str]] = Counter()

    def ajouter(
        self, origine: str, fautes: int = 1, vus: Mapping[str, int] | None = None, *, entieres: bool = False
    ) -> None:
        self.fautes[origine] += fautes
        self.entieres[origine] += fautes * entieres
        for classe, combien in (vus or {}).items():
            self.vus[origine, classe] += combien

    @contextmanager
    def exiger(self, origine: str, classe: str) -> Iterator[None]:
        """Count what is asserted within under `classe` where it does not hold."""
        try:
            yield
        except AssertionError:
            self.vus[origine, classe] += 1
            raise

    def verser(self, autre: "Bilan") -> "Bilan":
        """Add the counts of another."""
        self.fautes += autre.fautes
        self.entieres += autre.entieres
        self.vus += autre.vus
        return self

    def depuis(self, avant: "Bilan") -> "Bilan":
        """What was counted since it was `avant`."""
        vu = Bilan()
        vu.fautes, vu.entieres = self.fautes - avant.fautes, self.entieres - avant.entieres
        vu.vus = self.vus - avant.vus
        return vu

    def dit(self) -> list[Any]:
        """The counts as JSON has them; `relire` reads them back."""
        return [self.fautes, self.entieres, [[*ou, combien] for ou, combien in self.vus.items()]]

    @staticmethod
    def relire(dit: list[Any]) -> "Bilan":
        """The counts that were written."""
        lu = Bilan()
        lu.fautes.update(dit[0])
        lu.entieres.update(dit[1])
        lu.vus.update({(origine, classe): combien for origine, classe, combien in dit[2]})
        return lu

    def __str__(self) -> str:
        """The table of `docs/promises.md`."""
        lignes = [("origin", "faults", "whole", *CLASSES.values()), ("---", *["---:"] * (2 + len(CLASSES)))]
        for origine in filter(self.fautes.get, ORIGINES):
            comptes = (self.fautes[origine], self.entieres[origine], *(self.vus[origine, c] for c in CLASSES))
            lignes.append((origine, *map(_grand, comptes)))
        totaux = (*(sum(c.values()) for c in (self.fautes, self.entieres)), *map(self._total, CLASSES))
        lignes.append(("all", *map(_grand, totaux)))
        return "\n".join(f"| {' | '.join(ligne)} |" for ligne in lignes)

    def _total(self, classe: str) -> int:
        return sum(combien for (_, c), combien in self.vus.items() if c == classe)


def _grand(nombre: int) -> str:
    return f"{nombre:,}".replace(",", " ")
