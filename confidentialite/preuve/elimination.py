"""Exact linear algebra over a prime field: what published figures determine, and what remains of a form.

Belongs here: sparse Gaussian elimination of equations on counts. Knows nothing of territories or of rules.
"""

from collections.abc import Mapping
from typing import Literal

Vecteur = dict[int, int]
"""Coefficient of each unknown, zeros left out."""

Ajout = Literal["nouvelle", "redondante", "contradictoire"]


class Elimination:
    """The span of the equations added so far, modulo `premier`, kept in reduced row echelon form.

    Each pivot stands in its own row alone: reducing a vector is one pass, and two forms are proportional
    beyond what is published exactly when their remainders are.
    """

    def __init__(self, premier: int) -> None:
        """Start with no equation."""
        self.premier = premier
        self._lignes: dict[int, tuple[Vecteur, int]] = {}
        self._presences: dict[int, set[int]] = {}

    @property
    def rang(self) -> int:
        """Number of independent equations."""
        return len(self._lignes)

    def reduire(self, vecteur: Mapping[int, int], second: int = 0) -> tuple[Vecteur, int]:
        """Return what remains of a form and of its second member once every pivot is replaced.

        An empty remainder means that the equations determine the form; minus the second member returned (when
        0 was given) is then its value modulo the prime.
        """
        p = self.premier
        reste: Vecteur = {}
        for inconnue, coefficient in vecteur.items():
            ligne = self._lignes.get(inconnue)
            if ligne is None:
                reste[inconnue] = reste.get(inconnue, 0) + coefficient
                continue
            autres, valeur = ligne
            second -= coefficient * valeur
            for autre, c in autres.items():
                reste[autre] = reste.get(autre, 0) - coefficient * c
        return {i: r for i, c in reste.items() if (r := c % p)}, second % p

    def ajouter(self, vecteur: Mapping[int, int], second: int) -> Ajout:
        """Add the equation `vecteur = second`; say whether it was implied, contradicted or new."""
        reste, valeur = self.reduire(vecteur, second)
        if not reste:
            return "contradictoire" if valeur else "redondante"
        p = self.premier
        # The unknown that the fewest rows hold keeps the rows short.
        pivot = min(reste, key=lambda i: (len(self._presences.get(i, ())), i))
        inverse = pow(reste.pop(pivot), -1, p)
        ligne = {i: c * inverse % p for i, c in reste.items()}
        valeur = valeur * inverse % p
        for porteur in self._presences.pop(pivot, set()):
            autres, ancienne = self._lignes[porteur]
            facteur = autres.pop(pivot)
            for i, c in ligne.items():
                nouveau = (autres.get(i, 0) - facteur * c) % p
                if nouveau:
                    autres[i] = nouveau
                    self._presences.setdefault(i, set()).add(porteur)
                elif i in autres:
                    del autres[i]
                    self._presences[i].discard(porteur)
            self._lignes[porteur] = (autres, (ancienne - facteur * valeur) % p)
        self._lignes[pivot] = (ligne, valeur)
        for i in ligne:
            self._presences.setdefault(i, set()).add(pivot)
        return "nouvelle"
