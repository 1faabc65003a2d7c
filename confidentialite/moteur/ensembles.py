"""Things put together: sets that only ever grow, each named by its smallest member.

Belongs here: joining, and finding the set of a thing. Does not: what is joined, nor why (groups of mesures,
parcels of communes, blocks of cells).

1 and 2 are joined, then 2 and 3: the set of 3 is 1.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T", int, str)


class Ensembles(Generic[T]):
    """Disjoint sets; what was never joined is a set by itself."""

    def __init__(self) -> None:
        """Begin with nothing joined."""
        self._parent: dict[T, T] = {}

    def racine(self, element: T) -> T:
        """Name of the set of a thing: the smallest of it."""
        parent = self._parent
        while (suivant := parent.setdefault(element, element)) != element:
            parent[element] = parent[suivant]
            element = parent[element]
        return element

    def lier(self, elements: Iterable[T]) -> None:
        """Put things in one set."""
        premiere: T | None = None
        for element in elements:
            racine = self.racine(element)
            if premiere is None:
                premiere = racine
            elif racine != premiere:
                premiere, autre = min(premiere, racine), max(premiere, racine)
                self._parent[autre] = premiere
