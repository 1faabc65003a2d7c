"""Tables one exchange away from the true one: they prove most hidden formes wide enough, at no cost.

Belongs here: exchanges between two communes, and how far each may go. Does not: the linear programs, for what
these leave narrow (`programmes.py`).

Communes A 3, B 7 and C 2 are hidden in EPCI 12: they are in the same published sums, so that A may have more
and B as much less, until B is 1. A is 1 to 9 at least. Where A is a part of a whole of 3 that is shown, it
cannot have more; where that whole is hidden too, it takes as much from the whole of B.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from confidentialite.moteur.formes import Forme, Vecteur
from confidentialite.moteur.programmes import Contrainte

_EPSILON = 1e-6
# Cells that each one is exchanged with: the largest of those that are in the same sums.
_PARTENAIRES = 3
# Mesures of one commune that may move together.
_ENSEMBLE = 6
Paire = tuple[int | None, int | None]
"""A cell that has more, and the one that has as much less; one alone where no sum is published of it."""


def amplitudes(
    formes: Sequence[Forme],
    contraintes: Sequence[Contrainte],
    planchers: Mapping[int, float],
    vraies: Mapping[int, float],
) -> list[tuple[float, float]]:
    """How far each forme is known to go below and above its true value.

    `contraintes`: all that is known; `planchers`: of each unknown cell, the smallest value it may have.
    """
    rang = {c: k for k, c in enumerate(planchers)}
    valeurs = np.array([vraies[c] for c in planchers])
    matrice, visees = (
        _matrice([c.vecteur for c in contraintes], rang),
        _matrice([f.vecteur for f in formes], rang),
    )
    sommes = matrice @ valeurs
    dessus, dessous = (
        np.array([c.haut for c in contraintes]) - sommes,
        sommes - np.array([c.bas for c in contraintes]),
    )
    ecarts = _Echanges(matrice, dessus, dessous, valeurs).entre(np.unique(visees.indices).tolist())
    fois = np.minimum(
        _portees((matrice @ ecarts).tocoo(), dessus, dessous),
        _portees(ecarts.tocoo(), np.full(len(rang), np.inf), valeurs - np.array([*planchers.values()])),
    )
    deplacees = (visees @ ecarts).tocoo()
    de, lesquels = deplacees.coords
    moins, plus = np.zeros(len(formes)), np.zeros(len(formes))
    np.minimum.at(moins, de, deplacees.data * fois[lesquels])
    np.maximum.at(plus, de, deplacees.data * fois[lesquels])
    return list(zip(moins.tolist(), plus.tolist(), strict=True))


def _matrice(vecteurs: Sequence[Vecteur], rang: Mapping[int, int]) -> csr_array:
    """Vectors over unknown cells, one a line; known ones do not move."""
    lignes = [[(rang[c], float(v)) for c, v in vecteur.items() if c in rang] for vecteur in vecteurs]
    cellules = np.array([c for ligne in lignes for c, _ in ligne], dtype=np.int64)
    coefficients = np.array([v for ligne in lignes for _, v in ligne], dtype=np.float64)
    return csr_array(
        (coefficients, cellules, np.cumsum([0, *map(len, lignes)])), shape=(len(lignes), len(rang))
    )


class _Echanges:
    """Exchanges of one system: between cells of two communes that are in the same published sums."""

    def __init__(
        self,
        matrice: csr_array,
        dessus: npt.NDArray[np.float64],
        dessous: npt.NDArray[np.float64],
        valeurs: npt.NDArray[np.float64],
    ) -> None:
        """`dessus`, `dessous`: how much room each line of the matrix has."""
        self._valeurs = valeurs
        equations = (dessus < _EPSILON) & (dessous < _EPSILON)
        colonnes = csc_array(matrice[equations])
        debuts, lignes, signes = (x.tolist() for x in (colonnes.indptr, colonnes.indices, colonnes.data))
        self._sommes = [
            tuple(sorted(zip(lignes[a:b], signes[a:b], strict=True))) for a, b in pairwise(debuts)
        ]
        # Cells of one commune are those that majorations tie.
        majorations = csr_array(matrice[~equations & np.isinf(dessus)])
        liees = abs(majorations).T @ abs(majorations)
        self._commune = connected_components(liees, directed=False)[1].tolist()
        self._jumelles = {(s, a): k for k, (s, a) in enumerate(zip(self._sommes, self._commune, strict=True))}
        # (wholes, parts) that leave no room for one more in a part, or one less in a whole.
        tendues = csr_array(matrice[~equations & np.isinf(dessus) & (dessous < 1)])
        self._retient: dict[int | None, list[tuple[set[int], set[int]]]] = defaultdict(list)
        for a, b in zip(tendues.indptr[:-1], tendues.indptr[1:], strict=True):
            cellules, signes_ = tendues.indices[a:b].tolist(), tendues.data[a:b].tolist()
            touts, parts = (
                {c for c, s in zip(cellules, signes_, strict=True) if s * sens > 0} for sens in (1, -1)
            )
            for cellule in cellules:
                self._retient[cellule].append((touts, parts))

    def entre(self, cellules: Sequence[int]) -> csc_array:
        """The exchanges of some cells, one a column."""
        ensembles = [e for paire in self._paires(cellules) if (e := self._ensemble(paire)) is not None]
        colonnes = [
            {
                c: signe
                for paire in ensemble
                for c, signe in zip(paire, (1.0, -1.0), strict=True)
                if c is not None
            }
            for ensemble in ensembles
        ]
        return csc_array(
            (
                np.array([s for colonne in colonnes for s in colonne.values()]),
                np.array([c for colonne in colonnes for c in colonne], dtype=np.int64),
                np.cumsum([0, *map(len, colonnes)]),
            ),
            shape=(len(self._valeurs), len(colonnes)),
        )

    def _paires(self, cellules: Sequence[int]) -> Iterator[Paire]:
        classes: dict[tuple[tuple[int, float], ...], list[int]] = defaultdict(list)
        for k, sommes in enumerate(self._sommes):
            classes[sommes].append(k)
        grandes = {
            s: sorted(siennes, key=lambda k: -self._valeurs[k])[:_PARTENAIRES]
            for s, siennes in classes.items()
        }
        for k in cellules:
            if not self._sommes[k]:
                yield from ((k, None), (None, k))
                continue
            for autre in grandes[self._sommes[k]]:
                if autre != k:
                    yield from ((k, autre), (autre, k))

    def _ensemble(self, paire: Paire) -> list[Paire] | None:
        """A pair, and those that have to move with it; None when one of these cannot."""
        ici, la = (c if c is None else self._commune[c] for c in paire)
        ensemble, montees, descendues = [paire], {paire[0]}, {paire[1]}
        for monte, descend in ensemble:
            retenues = [(touts, montees) for touts, parts in self._retient.get(monte, ()) if monte in parts]
            retenues += [
                (parts, descendues) for touts, parts in self._retient.get(descend, ()) if descend in touts
            ]
            for candidates, deja in retenues:
                if not candidates.isdisjoint(deja):
                    continue
                autre = min(candidates, default=None)
                commune = la if deja is montees else ici
                jumelle = self._jumelles.get((self._sommes[autre], commune)) if autre is not None else None
                if autre is None or (self._sommes[autre] and jumelle is None) or len(ensemble) == _ENSEMBLE:
                    return None
                if not self._sommes[autre]:
                    jumelle = None
                nouvelle = (autre, jumelle) if deja is montees else (jumelle, autre)
                ensemble.append(nouvelle)
                montees.add(nouvelle[0])
                descendues.add(nouvelle[1])
        return ensemble


def _portees(
    deplacements: coo_array, dessus: npt.NDArray[np.float64], dessous: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """How many times each exchange may be made before a line runs out of room above, or below."""
    deplacements.eliminate_zeros()
    lignes, colonnes = deplacements.coords
    montent = deplacements.data > 0
    place = np.where(montent, dessus[lignes], dessous[lignes]) / np.abs(deplacements.data)
    portees = np.full(deplacements.shape[1], np.inf)
    np.minimum.at(portees, colonnes, np.maximum(place, 0))
    return portees
