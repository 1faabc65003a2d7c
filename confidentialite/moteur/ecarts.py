"""Other tables that what is published allows, by what they change of the true one.

Belongs here: the tables of one block, and the programs that find one more. Does not: who knows what of them
(`contributeurs.py`), how far an interval of real numbers reaches (`programmes.py`).

Of communes A 3 and B 7, both hidden, EPCI 10 shown: A 4 and B 6 is another table, told as {A: 1, B: -1}. Its
cells are few, and so are those who can tell that it is not the true one: the contributors of A and of B.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import highspy
import numpy as np
import numpy.typing as npt

from confidentialite.moteur.formes import Vecteur
from confidentialite.moteur.programmes import Bloc, Contrainte, SansOptimum
from socle.solveur import Solveur

Ecart = Mapping[int, float]
"""What another table adds to the true value of some inner cells."""

_EPSILON = 1e-6
# Partners tried for each cell, and those kept: where one is known to somebody, another may not be.
_ESSAIS, _GARDES = 4, 2
# Cells tried around a forme before all of them are.
_PROCHES = 60


class Ecarts:
    """The tables of one block: whole numbers where it counts, real ones where it is of amounts."""

    def __init__(self, bloc: Bloc, vraies: Mapping[int, float], *, entiers: bool) -> None:
        """Measure what each constraint leaves around the true table."""
        self._entiers = entiers
        self._cellules, self._contraintes = bloc.cellules, bloc.contraintes
        self._rang = {c: i for i, c in enumerate(bloc.cellules)}
        self._marges = {
            c: vraies[c] - plancher for c, plancher in zip(bloc.cellules, bloc.planchers, strict=True)
        }
        self._de: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._bas, self._haut = list[float](), list[float]()
        self._solveur: Solveur | None = None
        for k, contrainte in enumerate(bloc.contraintes):
            somme = sum(v * vraies[c] for c, v in contrainte.vecteur.items())
            self._bas.append(min(0.0, contrainte.bas - somme))
            self._haut.append(max(0.0, contrainte.haut - somme))
            for c, v in contrainte.vecteur.items():
                self._de[c].append((k, v))

    def admis(self, ecart: Ecart) -> bool:
        """Whether the true table so changed is one that what is published allows."""
        bouge: dict[int, float] = defaultdict(float)
        for c, d in ecart.items():
            if c not in self._marges or d < -self._marges[c] - _EPSILON:
                return False
            for k, v in self._de[c]:
                bouge[k] += v * d
        return all(self._bas[k] - _EPSILON <= b <= self._haut[k] + _EPSILON for k, b in bouge.items())

    def transferts(self, pas: float, connues: Iterable[int]) -> Iterator[Ecart]:
        """What one cell gives another that stands in the same equations: `pas` of a count, else all it has.

        `connues`: cells that somebody knows, which are the last to be asked.
        """
        places: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
        for c in self._cellules:
            equations = [(k, v) for k, v in self._de[c] if self._bas[k] == self._haut[k] == 0]
            places[tuple(equations)].append(c)
        sues = set(connues)
        for ensemble in places.values():
            rangees = sorted(ensemble, key=lambda c: (c in sues, -self._marges[c], c))
            donnent = [c for c in rangees if self._marges[c] >= pas]
            for c in rangees:
                yield from self._premiers(
                    {c: self._part(d, pas), d: -self._part(d, pas)} for d in donnent if d != c
                )
                if c in donnent:
                    part = self._part(c, pas)
                    yield from self._premiers({c: -part, r: part} for r in rangees if r != c)

    def _part(self, cellule: int, pas: float) -> float:
        return pas if self._entiers else self._marges[cellule]

    def _premiers(self, ecarts: Iterator[Ecart]) -> Iterator[Ecart]:
        gardes = 0
        for _, ecart in zip(range(_ESSAIS), ecarts, strict=False):
            if self.admis(ecart):
                yield ecart
                gardes += 1
                if gardes == _GARDES:
                    return

    def chercher(self, visee: Vecteur, sues: Sequence[Vecteur], ecart: float) -> Ecart | None:
        """The smallest change that moves a forme by `ecart`, up or down, and none of `sues`; None without.

        The cells around are tried first: what is far seldom has to change.
        """
        proches = self._autour(visee)
        tous = len(proches) == len(self._cellules)
        for programme in (None,) if tous else (self._local(proches), None):
            n = len(proches if programme else self._cellules)
            for bas, haut in ((ecart, math.inf), (-math.inf, -ecart)):
                lignes = [*((s, 0.0, 0.0) for s in sues), (visee, bas, haut)]
                trouve = (programme or self)._resoudre(np.ones(2 * n), lignes)
                if trouve is not None:
                    return trouve[0]
        return None

    def _autour(self, visee: Vecteur) -> list[int]:
        """Cells of the constraints that hold a forme, and of those that hold these, until they are enough."""
        proches, nouvelles = set(visee), set(visee)
        while nouvelles and len(proches) < _PROCHES:
            tenantes = {k for c in nouvelles for k, _ in self._de[c]}
            voisines = {
                c
                for k in tenantes
                if len(vecteur := self._contraintes[k].vecteur) < _PROCHES
                for c in vecteur
            }
            nouvelles = voisines - proches
            proches |= nouvelles
        return [c for c in self._cellules if c in proches]

    def _local(self, cellules: list[int]) -> "Ecarts":
        """The tables that differ from the true one in these cells alone."""
        local = Ecarts.__new__(Ecarts)
        ici = set(cellules)
        local._entiers, local._solveur, local._cellules = self._entiers, None, cellules
        local._rang = {c: i for i, c in enumerate(cellules)}
        local._marges = {c: self._marges[c] for c in cellules}
        rangs = sorted({k for c in cellules for k, _ in self._de[c]})
        local._bas, local._haut = [self._bas[k] for k in rangs], [self._haut[k] for k in rangs]
        local._contraintes = [
            replace(x, vecteur={c: v for c, v in x.vecteur.items() if c in ici})
            for x in (self._contraintes[k] for k in rangs)
        ]
        return local

    def etendue(self, visee: Vecteur, sues: Sequence[Vecteur]) -> tuple[float, list[Contrainte]]:
        """How far apart the values of a forme are to who knows `sues`, and the constraints that hold it.

        The latter by the multipliers of the linear programs.
        """
        etendue, tenantes = 0.0, list[Contrainte]()
        couts = np.zeros(2 * len(self._cellules))
        n = len(self._cellules)
        for sens in (1, -1):
            for c, v in visee.items():
                couts[self._rang[c]], couts[n + self._rang[c]] = sens * v, -sens * v
            fixes = [(s, 0.0, 0.0) for s in sues]
            trouve = self._resoudre(couts, fixes, entiers=False)
            if trouve is None:
                return math.inf, []
            tenantes += trouve[1]
            if self._entiers and (entier := self._resoudre(couts, fixes)) is not None:
                trouve = entier
            etendue += abs(sum(v * trouve[0].get(c, 0.0) for c, v in visee.items()))
        return etendue, tenantes

    def _resoudre(
        self,
        couts: npt.NDArray[np.float64],
        lignes: Sequence[tuple[Vecteur, float, float]],
        *,
        entiers: bool = True,
    ) -> tuple[Ecart, list[Contrainte]] | None:
        """The change that costs least under some more rows, and what holds it; None when there is none.

        A change is what is added less what is taken, so that its size is linear. Nor is there one of least
        cost when the cost has no end.
        """
        solution = self._lancer(couts, lignes, entiers=False)
        if solution is None:
            return None
        ecart, duales = solution
        if entiers and self._entiers and any(abs(d - round(d)) > _EPSILON for d in ecart.values()):
            solution = self._lancer(couts, lignes, entiers=True)
            if solution is None:
                return None
            ecart, _ = solution
        if self._entiers and entiers:
            ecart = {c: float(round(d)) for c, d in ecart.items()}
        tenantes = [self._contraintes[k] for k in np.flatnonzero(np.abs(duales) > _EPSILON)]
        return ecart, tenantes

    def _lancer(
        self,
        couts: npt.NDArray[np.float64],
        lignes: Sequence[tuple[Vecteur, float, float]],
        *,
        entiers: bool,
    ) -> tuple[Ecart, npt.NDArray[np.float64]] | None:
        n, m = len(self._cellules), len(self._contraintes)
        solveur = self._solveur = self._solveur or self._programme()
        toutes = np.arange(2 * n, dtype=np.int32)
        solveur.changeColsCost(2 * n, toutes, couts)
        if lignes:
            debuts, indices, valeurs = self._matrice(
                [{c: v for c, v in vecteur.items() if c in self._rang} for vecteur, *_ in lignes]
            )
            bas, haut = (np.array([x[i] for x in lignes]) for i in (1, 2))
            solveur.addRows(len(lignes), bas, haut, len(valeurs), debuts[:-1], indices, valeurs)
        if entiers:
            solveur.changeColsIntegrality(2 * n, toutes, np.full(2 * n, highspy.HighsVarType.kInteger))
        solveur.run()
        statut, solution = solveur.getModelStatus(), solveur.getSolution()
        # No change at all is where the next program starts from, whatever this one was.
        solveur.clearSolver()
        if entiers:
            solveur.changeColsIntegrality(2 * n, toutes, np.full(2 * n, highspy.HighsVarType.kContinuous))
        if lignes:
            solveur.deleteRows(len(lignes), np.arange(m, m + len(lignes), dtype=np.int32))
        match statut:
            case highspy.HighsModelStatus.kOptimal:
                colonnes = np.array(solution.col_value)
                ecart = colonnes[:n] - colonnes[n:]
                changees = np.flatnonzero(np.abs(ecart) > _EPSILON)
                duales = np.array(solution.row_dual[:m])
                return {self._cellules[i]: float(ecart[i]) for i in changees}, duales
            case highspy.HighsModelStatus.kInfeasible | highspy.HighsModelStatus.kUnbounded:
                return None
            case _:
                raise SansOptimum(solveur.modelStatusToString(statut))

    def _programme(self) -> Solveur:
        """The solver with the constraints: of each cell, what is added to it and what is taken from it."""
        n = len(self._cellules)
        solveur = Solveur()
        solveur.setOptionValue("allow_unbounded_or_infeasible", False)
        # Few cells change: simplifying the program would cost more than solving it.
        solveur.setOptionValue("presolve", "off")
        pris = [max(0.0, self._marges[c]) for c in self._cellules]
        solveur.addVars(2 * n, np.zeros(2 * n), np.array([highspy.kHighsInf] * n + pris))
        if self._contraintes:
            debuts, indices, valeurs = self._matrice([c.vecteur for c in self._contraintes])
            bas, haut = np.array(self._bas), np.array(self._haut)
            solveur.addRows(len(bas), bas, haut, len(valeurs), debuts[:-1], indices, valeurs)
        return solveur

    def _matrice(
        self, vecteurs: Sequence[Vecteur]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Starts, columns and coefficients of some rows."""
        n = len(self._cellules)
        rangs = np.array([self._rang[c] for v in vecteurs for c in v], dtype=np.int32)
        valeurs = np.array([k for v in vecteurs for k in v.values()], dtype=np.float64)
        debuts = np.cumsum([0, *(2 * len(v) for v in vecteurs)], dtype=np.int32)
        return debuts, np.stack([rangs, rangs + n], 1).ravel(), np.stack([valeurs, -valeurs], 1).ravel()
