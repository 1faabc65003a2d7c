"""Intervals that remain for protected formes: what non-negativity and known shares still tell.

Belongs here: the linear programs of the suppressor. Does not: the auditor's, which are written apart on
purpose (`confidentialite.preuve`), nor the exact test (`moteur.py`).

No linear dependence is needed to give a cell away: of two hidden counts that add up to 2, each is 1. So the
suppressor solves, for each protected forme, its smallest and largest value under what is published, and
hides more where fewer than `alternatives_min` integers are left.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from confidentialite.moteur.elimination import Espace, Forme
from confidentialite.moteur.systeme import Systeme
from socle.erreurs import ErreurPublication

_EPSILON = 1e-6
# Tables kept of one system.
_TABLES = 500


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


class Memoire:
    """What the programs of one system have told, from one round of hiding to the next.

    `blocs`: the intervals of programs that come back unchanged. `tables`: the tables that solved some program.
    Hiding more only lets more tables be, so that most of them still widen what is known of the formes.
    """

    def __init__(self, vraies: dict[int, float]) -> None:
        """`vraies`: the true value of each inner cell, that of a cell that a table says nothing of."""
        self.vraies = vraies
        self.blocs: dict[tuple[Any, ...], list[Intervalle]] = {}
        self.tables: list[tuple[list[int], npt.NDArray[np.float64]]] = []

    def retenir(self, cellules: list[int], table: npt.NDArray[np.float64]) -> None:
        """Keep a table over these cells."""
        self.tables.append((cellules, table))
        del self.tables[:-_TABLES]

    def candidates(self, cellules: list[int]) -> npt.NDArray[np.float64]:
        """Tables over these cells, one a line, that may be those of a program, the true one first."""
        rang = {c: i for i, c in enumerate(cellules)}
        vraie = np.array([self.vraies[c] for c in cellules])
        lignes = [vraie]
        derniers: list[int] | None = None
        for anciennes, table in self.tables:
            if anciennes is not derniers:
                derniers = anciennes
                communes = [(rang[c], i) for i, c in enumerate(anciennes) if c in rang]
                ici = np.array([a for a, _ in communes], dtype=np.int64)
                la = np.array([b for _, b in communes], dtype=np.int64)
            if communes:
                ligne = vraie.copy()
                ligne[ici] = table[la]
                lignes.append(ligne)
        return np.array(lignes)


class _SansOptimum(Exception):
    """The solver ended otherwise than optimal or unbounded; the message is what it said."""


@dataclass(slots=True)
class _Contrainte:
    """Bounds of a vector over the unknown cells; `cellules` are those of the whole vector, known ones too."""

    vecteur: dict[int, int]
    bas: float
    haut: float
    source: int | None
    cellules: Iterable[int]


def intervalles(
    systeme: Systeme,
    premier: int,
    *,
    zero_connu: bool,
    assez: Callable[[Forme, float, float], bool] = lambda *_: False,
    memoire: Memoire | None = None,
) -> list[Intervalle]:
    """Interval of each hidden forme of a system, as its `publiee` stand.

    `premier`: the prime of the exact test. `zero_connu`: zeros are shown, so that a hidden count is 1 at
    least. `assez(forme, low, high)`: whether an interval is wide enough not to be looked into further; every
    solution found for one forme is a possible table, and so widens what is known of the others. Raises
    ErreurPublication when the solver ends otherwise than optimal or unbounded.
    """
    connues: dict[int, Decimal] = {}
    masquees: set[int] = set()
    for forme, valeur in zip(systeme.formes, systeme.valeurs, strict=True):
        if len(forme.vecteur) != 1:
            continue
        ((cellule, signe),) = forme.vecteur.items()
        if forme.publiee or forme.forcee:
            connues[cellule] = valeur * signe
        elif forme.montree:
            masquees.add(cellule)
    plancher = 1.0 if zero_connu and systeme.entiers else 0.0
    contraintes = _contraintes(systeme, connues, premier)
    cachees = [f for f in systeme.formes if not (f.publiee or f.forcee) and (f.montree or f.cachee)]
    trouves = []
    for bloc in _blocs(contraintes, cachees, connues):
        planchers = tuple(plancher if c in masquees else 0.0 for c in bloc.cellules)
        cle = bloc.cle(planchers, connues)
        if memoire is not None and cle in memoire.blocs:
            trouves += memoire.blocs[cle]
            continue
        bloc.preparer(planchers)
        try:
            siens = bloc.intervalles(connues, assez, memoire)
            trouves += siens
            if memoire is not None:
                memoire.blocs[cle] = siens
        except _SansOptimum as statut:
            raise ErreurPublication(
                f"secret: the bounds of {len(bloc.formes)} hidden cells of {systeme.nom} {systeme.millesime} "
                f"cannot be solved (HiGHS says {statut}, optimal or unbounded is expected), so that nothing "
                "is published. Infeasible means that no table has these figures: look in the aggregates of "
                f"that millésime for a part larger than its whole (`{systeme.nom}` and the mesures that "
                "relations.csv and the dictionary tie to it)."
            ) from None
    return trouves


def _contraintes(systeme: Systeme, connues: dict[int, Decimal], premier: int) -> list[_Contrainte]:
    def restreinte(vecteur: dict[int, int]) -> tuple[dict[int, int], Decimal]:
        decale = sum((connues[c] * v for c, v in vecteur.items() if c in connues), Decimal(0))
        return {c: v for c, v in vecteur.items() if c not in connues}, decale

    contraintes = []
    # Narrow territories first: a wide one that they add up to would tie all of them into one program.
    espace = Espace(premier, lambda c: (c,))
    for i, forme in sorted(enumerate(systeme.formes), key=lambda paire: len(paire[1].vecteur)):
        if not (forme.publiee or forme.forcee):
            continue
        vecteur, decale = restreinte(forme.vecteur)
        if vecteur and not espace.implique(vecteur):
            espace.publier(vecteur, singletons=False, forcer=True)
            valeur = float(systeme.valeurs[i] - decale)
            contraintes.append(_Contrainte(vecteur, valeur, valeur, i, forme.vecteur))
    for vecteur_, bas, haut in systeme.intervalles:
        vecteur, decale = restreinte(vecteur_)
        if vecteur:
            bornes = float(bas - decale), float(haut - decale)
            contraintes.append(_Contrainte(vecteur, *bornes, None, vecteur_))
    for part, tout in systeme.parts:
        vecteur, decale = restreinte({tout: 1, part: -1})
        if vecteur:
            contraintes.append(_Contrainte(vecteur, float(-decale), math.inf, None, (tout, part)))
    return contraintes


def _blocs(
    contraintes: list[_Contrainte], cachees: list[Forme], connues: dict[int, Decimal]
) -> list["_Bloc"]:
    """Hidden formes and constraints, in groups that share no unknown cell."""
    parent: dict[int, int] = {}

    def racine(c: int) -> int:
        while parent.setdefault(c, c) != c:
            parent[c] = parent[parent[c]]
            c = parent[c]
        return c

    for vecteur in (*(x.vecteur for x in contraintes), *(f.vecteur for f in cachees)):
        libres = [c for c in vecteur if c not in connues]
        for autre in libres[1:]:
            a, b = racine(libres[0]), racine(autre)
            parent[max(a, b)] = min(a, b)
    blocs: dict[int, _Bloc] = {}
    for forme in cachees:
        libres = [c for c in forme.vecteur if c not in connues]
        # Every inner cell is shown: only an implied forme can be so, and the exact test refuses those.
        if libres:
            blocs.setdefault(racine(libres[0]), _Bloc()).formes.append(forme)
    for cellule in list(parent):
        if (r := racine(cellule)) in blocs:
            blocs[r].cellules.append(cellule)
    for contrainte in contraintes:
        if (r := racine(next(iter(contrainte.vecteur)))) in blocs:
            blocs[r].contraintes.append(contrainte)
    return list(blocs.values())


class _Bloc:
    """One independent linear program, whose objective changes from one forme to the next."""

    def __init__(self) -> None:
        self.cellules: list[int] = []
        self.contraintes: list[_Contrainte] = []
        self.formes: list[Forme] = []

    def cle(self, planchers: tuple[float, ...], connues: dict[int, Decimal]) -> tuple[Any, ...]:
        """All that the programs of the block depend on, in the order the solver is given it."""
        return (
            tuple(self.cellules),
            planchers,
            tuple((tuple(c.vecteur.items()), c.bas, c.haut, c.source) for c in self.contraintes),
            tuple((id(f), tuple(c for c in f.vecteur if c in connues)) for f in self.formes),
        )

    def preparer(self, planchers: tuple[float, ...]) -> None:
        """Give the solver the constraints and the lower bounds."""
        self._solveur = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solveur.setOptionValue("output_flag", False)
        self._solveur.setOptionValue("threads", 1)
        self._solveur.setOptionValue("allow_unbounded_or_infeasible", False)
        self._rang = {c: i for i, c in enumerate(self.cellules)}
        self._visees = np.empty(0, dtype=np.int32)
        n, m = len(self.cellules), len(self.contraintes)
        self._planchers = np.array(planchers)
        self._solveur.addVars(n, self._planchers, np.full(n, highspy.kHighsInf))
        self._bas = np.array([c.bas for c in self.contraintes])
        self._haut = np.array([c.haut for c in self.contraintes])
        debuts = np.cumsum([0, *(len(c.vecteur) for c in self.contraintes)], dtype=np.int32)
        indices = np.array([self._rang[c] for x in self.contraintes for c in x.vecteur], dtype=np.int32)
        valeurs = np.array([v for x in self.contraintes for v in x.vecteur.values()], dtype=np.float64)
        self._matrice = csr_array((valeurs, indices, debuts), shape=(m, n))
        if m:
            self._solveur.addRows(m, self._bas, self._haut, len(valeurs), debuts[:-1], indices, valeurs)

    def intervalles(
        self,
        connues: dict[int, Decimal],
        assez: Callable[[Forme, float, float], bool],
        memoire: Memoire | None,
    ) -> list[Intervalle]:
        """Interval of each forme of the block."""
        n, m = len(self.cellules), len(self.formes)
        decales = np.zeros(m)
        entrees: list[tuple[int, int, int]] = []
        for k, forme in enumerate(self.formes):
            for cellule, coefficient in forme.vecteur.items():
                if cellule in connues:
                    decales[k] += float(connues[cellule]) * coefficient
                else:
                    entrees.append((k, self._rang[cellule], coefficient))
        lignes, colonnes, coefficients = zip(*entrees, strict=True)
        objectifs = csr_array((coefficients, (lignes, colonnes)), shape=(m, n), dtype=np.float64)
        debuts, indices, couts = objectifs.indptr, objectifs.indices.astype(np.int32), objectifs.data
        bas, haut = np.full(m, math.inf), np.full(m, -math.inf)
        if memoire is not None and len(possibles := self._possibles(memoire.candidates(self.cellules))):
            valeurs = (objectifs @ possibles.T).T
            bas, haut = valeurs.min(axis=0), valeurs.max(axis=0)
        liantes: list[list[_Contrainte]] = [[] for _ in self.formes]
        for k, forme in enumerate(self.formes):
            for sens in (1, -1):
                if assez(forme, bas[k] + decales[k], haut[k] + decales[k]):
                    break
                siens = slice(debuts[k], debuts[k + 1])
                optimum, table, tenantes = self._resoudre(indices[siens], sens * couts[siens])
                liantes[k] += tenantes
                if table is not None:
                    valeurs = objectifs @ table
                    bas, haut = np.minimum(bas, valeurs), np.maximum(haut, valeurs)
                    if memoire is not None:
                        memoire.retenir(self.cellules, table)
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
    ) -> tuple[float, npt.NDArray[np.float64] | None, list[_Contrainte]]:
        """Smallest value of an objective, a table that reaches it, the constraints that hold it there.

        `couts` of `cellules`, zero elsewhere. No table when it has no bound.
        """
        solveur = self._solveur
        solveur.changeColsCost(len(self._visees), self._visees, np.zeros(len(self._visees)))
        solveur.changeColsCost(len(couts), cellules, couts)
        self._visees = cellules
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
                raise _SansOptimum(solveur.modelStatusToString(statut))
