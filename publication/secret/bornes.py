"""Intervals that remain for protected formes: what non-negativity and known shares still tell.

Belongs here: the linear programs of the suppressor. Does not: the auditor's, which are written apart on
purpose (`publication.secret.audit`), nor the exact test (`moteur.py`).

No linear dependence is needed to give a cell away: of two hidden counts that add up to 2, each is 1. So the
suppressor solves, for each protected forme, its smallest and largest value under what is published, and
hides more where fewer than `alternatives_min` integers are left.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import highspy
import numpy as np

from publication.secret.moteur import Forme
from publication.secret.systeme import Systeme

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Intervalle:
    """What an attacker knows of a hidden forme, both ends included; `haut` may be infinite."""

    forme: Forme
    bas: float
    haut: float
    # Published formes that the interval comes from.
    voisines: tuple[int, ...]

    def entiers(self) -> float:
        """How many integers remain."""
        if math.isinf(self.haut):
            return math.inf
        return math.floor(self.haut + _EPSILON) - math.ceil(self.bas - _EPSILON) + 1


@dataclass(slots=True)
class _Contrainte:
    vecteur: dict[int, int]
    bas: float
    haut: float
    source: int | None


def intervalles(systeme: Systeme, *, zero_connu: bool) -> Iterator[Intervalle]:
    """Interval of each hidden forme of a system, as its `publiee` stand.

    `zero_connu`: zeros are shown, so that a hidden count is 1 at least. Raises RuntimeError when the solver
    ends otherwise than optimal or unbounded.
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
    contraintes = _contraintes(systeme, connues)
    par_cellule: dict[int, list[int]] = defaultdict(list)
    for i, contrainte in enumerate(contraintes):
        for cellule in contrainte.vecteur:
            par_cellule[cellule].append(i)
    vues: dict[int, _Bloc] = {}
    for forme in systeme.formes:
        if forme.publiee or forme.forcee or not (forme.montree or forme.cachee):
            continue
        libres = {c: v for c, v in forme.vecteur.items() if c not in connues}
        if not libres:
            # Every inner cell is shown: only an implied forme can be so, which the exact test refuses.
            constante = float(sum(connues[c] * v for c, v in forme.vecteur.items()))
            yield Intervalle(forme, constante, constante, ())
            continue
        depart = min(libres)
        bloc = vues.get(depart)
        if bloc is None or not libres.keys() <= bloc.cellules:
            bloc = _bloc(set(libres), contraintes, par_cellule)
            for cellule in bloc.cellules:
                vues[cellule] = bloc
            bloc.preparer(contraintes, {c: plancher if c in masquees else 0.0 for c in bloc.cellules})
        decale = float(sum(connues[c] * v for c, v in forme.vecteur.items() if c in connues))
        bas, haut = bloc.bornes(libres)
        yield Intervalle(forme, bas + decale, haut + decale, tuple(sorted(bloc.sources)))


def _contraintes(systeme: Systeme, connues: dict[int, Decimal]) -> list[_Contrainte]:
    def restreinte(vecteur: dict[int, int]) -> tuple[dict[int, int], Decimal]:
        decale = sum((connues[c] * v for c, v in vecteur.items() if c in connues), Decimal(0))
        return {c: v for c, v in vecteur.items() if c not in connues}, decale

    contraintes = []
    for i, (forme, valeur) in enumerate(zip(systeme.formes, systeme.valeurs, strict=True)):
        if forme.publiee or forme.forcee:
            vecteur, decale = restreinte(forme.vecteur)
            if vecteur:
                contraintes.append(_Contrainte(vecteur, float(valeur - decale), float(valeur - decale), i))
    for vecteur_, bas, haut in systeme.intervalles:
        vecteur, decale = restreinte(vecteur_)
        if vecteur:
            contraintes.append(_Contrainte(vecteur, float(bas - decale), float(haut - decale), None))
    for part, tout in systeme.parts:
        vecteur, decale = restreinte({tout: 1, part: -1})
        if vecteur:
            contraintes.append(_Contrainte(vecteur, float(-decale), math.inf, None))
    return contraintes


def _bloc(depart: set[int], contraintes: list[_Contrainte], par_cellule: dict[int, list[int]]) -> "_Bloc":
    """Cells and constraints that depend on each other, from some cells on."""
    cellules, a_voir = set(depart), list(depart)
    retenues: set[int] = set()
    while a_voir:
        for i in par_cellule.get(a_voir.pop(), ()):
            if i not in retenues:
                retenues.add(i)
                for cellule in contraintes[i].vecteur:
                    if cellule not in cellules:
                        cellules.add(cellule)
                        a_voir.append(cellule)
    return _Bloc(cellules, sorted(retenues))


class _Bloc:
    """One independent linear program, whose objective changes from one forme to the next."""

    def __init__(self, cellules: set[int], contraintes: list[int]) -> None:
        self.cellules = cellules
        self._contraintes = contraintes
        self.sources: set[int] = set()
        self._rang = {c: i for i, c in enumerate(sorted(cellules))}
        self._solveur = highspy.Highs()  # type: ignore[no-untyped-call]

    def preparer(self, contraintes: list[_Contrainte], planchers: dict[int, float]) -> None:
        """Give the solver the constraints and the lower bounds."""
        solveur = self._solveur
        solveur.setOptionValue("output_flag", False)
        solveur.setOptionValue("threads", 1)
        n = len(self._rang)
        bas = np.array([planchers[c] for c in sorted(self.cellules)])
        solveur.addVars(n, bas, np.full(n, highspy.kHighsInf))
        for i in self._contraintes:
            contrainte = contraintes[i]
            if contrainte.source is not None:
                self.sources.add(contrainte.source)
            haut = highspy.kHighsInf if math.isinf(contrainte.haut) else contrainte.haut
            indices = np.array([self._rang[c] for c in contrainte.vecteur], dtype=np.int32)
            valeurs = np.array(list(contrainte.vecteur.values()), dtype=np.float64)
            solveur.addRow(contrainte.bas, haut, len(indices), indices, valeurs)

    def bornes(self, vecteur: dict[int, int]) -> tuple[float, float]:
        """Smallest and largest value of a vector; the largest may be infinite."""
        return self._optimum(vecteur, 1), -self._optimum(vecteur, -1)

    def _optimum(self, vecteur: dict[int, int], sens: int) -> float:
        solveur = self._solveur
        couts = np.zeros(len(self._rang))
        for cellule, coefficient in vecteur.items():
            couts[self._rang[cellule]] = sens * coefficient
        solveur.changeColsCost(len(couts), np.arange(len(couts), dtype=np.int32), couts)
        solveur.run()
        match solveur.getModelStatus():
            case highspy.HighsModelStatus.kOptimal:
                return float(solveur.getObjectiveValue())
            case highspy.HighsModelStatus.kUnbounded | highspy.HighsModelStatus.kUnboundedOrInfeasible:
                return -math.inf
            case statut:
                raise RuntimeError(
                    f"the bounds of a hidden cell could not be solved (HiGHS: {statut}): nothing may be "
                    "published"
                )
