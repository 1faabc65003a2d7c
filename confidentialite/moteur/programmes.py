"""Linear programs: the smallest and largest value of each hidden forme of one block.

Belongs here: what HiGHS is given and what it says. Does not: how a system is cut into blocks (`bornes.py`).

Of communes A 3 and B 7, both hidden, EPCI 10 shown, each counted from 1: A may be 1 to 9, and so may B. The
multipliers of the two programs of A are those of the EPCI: it is what holds A, hiding any other is in vain.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from confidentialite.moteur.formes import Forme, Vecteur
from socle.solveur import Solveur

_EPSILON = 1e-6
# Tables kept of one system.
_TABLES = 100


@dataclass(frozen=True, slots=True)
class Intervalle:
    """What an attacker knows of a hidden forme, both ends included; `haut` may be infinite.

    `liantes`: ranks of the published formes that hold an end in place, by the multipliers of the linear
    program: withdrawing any other would not move it. `cellules`: the inner cells of all that holds an end.
    """

    forme: Forme
    bas: float
    haut: float
    liantes: frozenset[int]
    cellules: frozenset[int]

    def entiers(self) -> float:
        """How many integers remain."""
        return entiers(self.bas, self.haut)


def entiers(bas: float, haut: float) -> float:
    """How many integers an interval holds; none when it is empty."""
    if math.isinf(bas) or math.isinf(haut):
        return math.inf if bas < haut else 0
    return math.floor(haut + _EPSILON) - math.ceil(bas - _EPSILON) + 1


Cellules = npt.NDArray[np.int64]
"""Inner cells, in the order of a program."""


class Memoire:
    """What the programs of one system have told, from one round of hiding to the next.

    `blocs`: the intervals of programs that come back unchanged. `tables`: those that solved some program.
    `mouvements`: of a forme, by its `id`, two cells or a vector that changed its value, which may no more.
    Hiding more only lets more tables be, so that most of them still widen what is known of the formes.
    """

    def __init__(self, vraies: Mapping[int, Decimal]) -> None:
        """`vraies`: the true value of each inner cell, that of a cell that a table says nothing of."""
        self.vraies = {cellule: float(valeur) for cellule, valeur in vraies.items()}
        self._par_cellule = np.zeros(max(self.vraies, default=-1) + 1)
        self._par_cellule[[*self.vraies]] = [*self.vraies.values()]
        self.blocs: dict[tuple[Any, ...], list[Intervalle]] = {}
        self.tables: list[tuple[Cellules, npt.NDArray[np.float64]]] = []
        self.serrees: dict[tuple[Any, ...], list[Any]] = {}
        self.mouvements: dict[int, tuple[int, int] | Vecteur] = {}
        self._ecarts: dict[int, list[Mapping[int, float]]] = {}

    def oublier_les_blocs(self) -> None:
        """Forget what was said of blocks: other formes are protected."""
        self.blocs.clear()
        self.serrees.clear()

    def retenir_ecart(self, ecart: Mapping[int, float]) -> None:
        """Keep what another table changed."""
        self._ecarts.setdefault(min(ecart), []).append(ecart)

    def ecarts_de(self, cellules: list[int]) -> list[Mapping[int, float]]:
        """What other tables changed, of some cells and maybe of others."""
        return [e for c in cellules for e in self._ecarts.get(c, ())]

    def retenir(self, cellules: Cellules, table: npt.NDArray[np.float64]) -> None:
        """Keep a table over these cells."""
        self.tables.append((cellules, table))
        del self.tables[:-_TABLES]

    def autre(self, cellules: Cellules, change: Mapping[int, float]) -> npt.NDArray[np.float64]:
        """The true table over these cells, but for what changes of some of them, by their rank."""
        table: npt.NDArray[np.float64] = self._par_cellule[cellules]
        table[[*change]] += [*change.values()]
        return table

    def candidates(self, cellules: Cellules) -> npt.NDArray[np.float64]:
        """Tables over these cells, one a line, that may be those of a program, the true one first."""
        rang = np.full(len(self._par_cellule), -1)
        rang[cellules] = np.arange(len(cellules))
        vraie = self._par_cellule[cellules]
        lignes = [vraie]
        derniers: Cellules | None = None
        for anciennes, table in self.tables:
            if anciennes is not derniers:
                derniers, ici = anciennes, rang[anciennes]
                la = np.flatnonzero(ici >= 0)
                ici = ici[la]
            if len(la):
                ligne = vraie.copy()
                ligne[ici] = table[la]
                lignes.append(ligne)
        return np.array(lignes)


class SansOptimum(Exception):
    """The solver ended otherwise than optimal or unbounded; the message is what it said."""


@dataclass(slots=True)
class Contrainte:
    """Bounds of a vector over the unknown cells; `cellules` are those of the whole vector, known ones too."""

    vecteur: Vecteur
    bas: float
    haut: float
    source: int | None
    cellules: Iterable[int]


class Bloc:
    """One independent linear program, whose objective changes from one forme to the next.

    `cellules`: its unknown cells, each `planchers` at least; `connues`: the values of the cells of the system
    that are no unknowns; `formes`: what is asked about. It is filled by who cuts (`bornes.py`); only
    `intervalles` writes what the solver is given, from what it holds by then.
    """

    def __init__(self) -> None:
        """Begin an empty block."""
        self.cellules: list[int] = []
        self.planchers: tuple[float, ...] = ()
        self.connues: Mapping[int, Decimal] = {}
        self.contraintes: list[Contrainte] = []
        self.formes: list[Forme] = []

    def sur(self, formes: list[Forme]) -> "Bloc":
        """The same block, of which some formes alone are asked about."""
        if len(formes) == len(self.formes):
            return self
        autre = copy(self)
        autre.formes = formes
        return autre

    def sachant(self, sues: Mapping[int, tuple[Decimal, Decimal]]) -> "Bloc":
        """The same block, to who knows of some cells that they are so much at least and at most."""
        siennes = [
            Contrainte({c: 1}, float(sues[c][0]), float(sues[c][1]), None, (c,))
            for c in self.cellules
            if c in sues
        ]
        autre = copy(self)
        autre.contraintes = [*self.contraintes, *siennes]
        return autre

    def cle(self) -> tuple[Any, ...]:
        """All that the programs of the block depend on, in the order the solver is given it."""
        return (
            tuple(self.cellules),
            self.planchers,
            tuple((tuple(c.vecteur.items()), c.bas, c.haut, c.source) for c in self.contraintes),
            tuple((id(f), tuple(c for c in f.vecteur if c in self.connues)) for f in self.formes),
        )

    def _preparer(self) -> None:
        """Write the constraints and the lower bounds for the solver, which is started once it is needed."""
        self._solveur: Solveur | None = None
        self._cases = np.array(self.cellules, dtype=np.int64)
        self._rang = {c: i for i, c in enumerate(self.cellules)}
        self._visees = np.empty(0, dtype=np.int32)
        n, m = len(self.cellules), len(self.contraintes)
        self._planchers = np.array(self.planchers)
        self._bas = np.array([c.bas for c in self.contraintes])
        self._haut = np.array([c.haut for c in self.contraintes])
        debuts = np.cumsum([0, *(len(c.vecteur) for c in self.contraintes)], dtype=np.int32)
        indices = np.array([self._rang[c] for x in self.contraintes for c in x.vecteur], dtype=np.int32)
        valeurs = np.array([v for x in self.contraintes for v in x.vecteur.values()], dtype=np.float64)
        self._matrice = csr_array((valeurs, indices, debuts), shape=(m, n))

    def _demarrer(self) -> Solveur:
        """The solver, given what was written for it."""
        if self._solveur is None:
            solveur = self._solveur = Solveur()
            m, n = self._matrice.shape
            solveur.addVars(n, self._planchers, np.full(n, highspy.kHighsInf))
            if m:
                x = self._matrice
                solveur.addRows(m, self._bas, self._haut, x.nnz, x.indptr[:-1], x.indices, x.data)
        return self._solveur

    def intervalles(
        self,
        assez: Callable[[Forme, float, float], bool],
        memoire: Memoire | None,
        de_pres: Callable[[Forme], Mapping[int, float] | None] = lambda _: None,
    ) -> list[Intervalle]:
        """Interval of each forme of the block.

        `assez`: whether an interval (forme, lower, upper) is wide enough to be solved no further; what is
        returned then lies inside the true one. `memoire`: tables met before, which widen it at no cost.
        `de_pres`: another table that moves a forme, by what it changes, where one is easily found.
        """
        self._preparer()
        n, m = len(self.cellules), len(self.formes)
        decales = np.zeros(m)
        entrees: list[tuple[int, int, int]] = []
        for k, forme in enumerate(self.formes):
            for cellule, coefficient in forme.vecteur.items():
                if cellule in self.connues:
                    decales[k] += float(self.connues[cellule]) * coefficient
                else:
                    entrees.append((k, self._rang[cellule], coefficient))
        lignes, colonnes, coefficients = zip(*entrees, strict=True)
        objectifs = csr_array((coefficients, (lignes, colonnes)), shape=(m, n), dtype=np.float64)
        debuts, indices, couts = objectifs.indptr, objectifs.indices.astype(np.int32), objectifs.data
        bas, haut = np.full(m, math.inf), np.full(m, -math.inf)
        if memoire is not None and len(possibles := self._possibles(memoire.candidates(self._cases))):
            valeurs = (objectifs @ possibles.T).T
            bas, haut = valeurs.min(axis=0), valeurs.max(axis=0)
        liantes: list[list[Contrainte]] = [[] for _ in self.formes]

        def elargir(table: npt.NDArray[np.float64]) -> None:
            nonlocal bas, haut
            valeurs = objectifs @ table
            bas, haut = np.minimum(bas, valeurs), np.maximum(haut, valeurs)
            if memoire is not None:
                memoire.retenir(self._cases, table)

        for k, forme in enumerate(self.formes):
            if assez(forme, bas[k] + decales[k], haut[k] + decales[k]):
                continue
            if memoire is not None and (change := de_pres(forme)) is not None:
                autre = memoire.autre(self._cases, {self._rang[c]: d for c, d in change.items()})
                if len(self._possibles(autre[None])):
                    elargir(autre)
            for sens in (1, -1):
                if assez(forme, bas[k] + decales[k], haut[k] + decales[k]):
                    break
                siens = slice(debuts[k], debuts[k + 1])
                optimum, table, tenantes = self._resoudre(indices[siens], sens * couts[siens])
                liantes[k] += tenantes
                if table is not None:
                    elargir(table)
                if sens == 1:
                    bas[k] = optimum
                else:
                    haut[k] = -optimum
        return [
            Intervalle(
                forme,
                float(bas[k] + decales[k]),
                float(haut[k] + decales[k]),
                frozenset(c.source for c in liantes[k] if c.source is not None),
                frozenset(cellule for c in liantes[k] for cellule in c.cellules),
            )
            for k, forme in enumerate(self.formes)
        ]

    def _possibles(self, tables: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Those of some tables that meet every constraint of the block."""
        bonnes = (tables >= self._planchers - _EPSILON).all(axis=1)
        if self.contraintes:
            sommes = (self._matrice @ tables.T).T
            bonnes &= (sommes >= self._bas - _EPSILON).all(axis=1)
            bonnes &= (sommes <= self._haut + _EPSILON).all(axis=1)
        return tables[bonnes]

    def _resoudre(
        self, cellules: npt.NDArray[np.int32], couts: npt.NDArray[np.float64]
    ) -> tuple[float, npt.NDArray[np.float64] | None, list[Contrainte]]:
        """Smallest value of an objective, a table that reaches it, the constraints that hold it there.

        `couts` of `cellules`, zero elsewhere. No table when it has no bound.
        """
        solveur = self._demarrer()
        solveur.changeColsCost(len(self._visees), self._visees, np.zeros(len(self._visees)))
        solveur.changeColsCost(len(couts), cellules, couts)
        self._visees = cellules
        solveur.run()
        if solveur.getModelStatus() == highspy.HighsModelStatus.kUnknown:
            # From the basis of another objective, it may fail to see that there is no bound; from none, not.
            solveur.clearSolver()
            solveur.run()
        match solveur.getModelStatus():
            case highspy.HighsModelStatus.kOptimal:
                solution = solveur.getSolution()
                duales = np.abs(np.array(solution.row_dual))
                tenantes = [self.contraintes[i] for i in np.flatnonzero(duales > _EPSILON)]
                return float(solveur.getObjectiveValue()), np.array(solution.col_value), tenantes
            case highspy.HighsModelStatus.kUnbounded:
                return -math.inf, None, []
            case statut:
                raise SansOptimum(solveur.modelStatusToString(statut))
