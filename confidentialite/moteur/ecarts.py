"""Other tables that what is published allows, by what they change of the true one.

Belongs here: the tables of one block, and the programs that find one more. Does not: who knows what of them
(`contributeurs.py`), how far an interval of real numbers reaches (`programmes.py`).

Of communes A 3 and B 7, both hidden, EPCI 10 shown: A 4 and B 6 is another table, told as {A: 1, B: -1}. Its
cells are few, and so are those who can tell that it is not the true one: the contributors of A and of B.
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import highspy
import numpy as np
import numpy.typing as npt

from confidentialite.moteur.formes import Vecteur
from confidentialite.moteur.programmes import Bloc, Contrainte, SansOptimum
from socle.solveur import Solveur

Ecart = Mapping[int, float]
"""What another table adds to the true value of some inner cells."""

Encadrement = tuple[Vecteur, float, float]
"""A vector over some cells, the least and the most that it may be worth."""

_EPSILON = 1e-6
# Partners tried for each cell, and those kept: where one is known to somebody, another may not be.
_ESSAIS, _GARDES = 4, 2
# What it costs to change a cell that somebody knows, beside one that nobody does.
_CONNUE = 8.0
# Those tried for one cell and one person.
_DONNENT = 12
# Cells tried around a forme, then more, before all of them are.
_PROCHES = (60, 600)
# Cells of a sum of more than these that are tried with them.
_LIBRES = 4


class Ecarts:
    """The tables of one block: whole numbers where it counts, real ones where it is of amounts."""

    def __init__(
        self, bloc: Bloc, vraies: Mapping[int, float], connues: Container[int] = (), *, entiers: bool
    ) -> None:
        """Measure what each constraint leaves around the true table. `connues`: cells that somebody knows."""
        self._entiers, self._connues = entiers, connues
        self._cellules, self._contraintes = bloc.cellules, bloc.contraintes
        self._marges = {
            c: vraies[c] - plancher for c, plancher in zip(bloc.cellules, bloc.planchers, strict=True)
        }
        self._de: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._bas, self._haut = list[float](), list[float]()
        self._programme: _Programme | None = None
        self._libres_de: dict[int, list[int]] = {}
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
        sues = set(connues)
        for ensemble in self._places.values():
            rangees = sorted(ensemble, key=lambda c: (c in sues, -self._marges[c], c))
            donnent = [c for c in rangees if self._marges[c] >= pas]
            for c in rangees:
                yield from self._premiers(
                    {c: self._part(d, pas), d: -self._part(d, pas)} for d in donnent if d != c
                )
                if c in donnent:
                    part = self._part(c, pas)
                    yield from self._premiers({c: -part, r: part} for r in rangees if r != c)

    @cached_property
    def _places(self) -> dict[tuple[tuple[int, int], ...], list[int]]:
        """Cells by the equations that they stand in, those that have most to give first."""
        places: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
        for c in sorted(self._cellules, key=lambda c: -self._marges[c]):
            places[self._equations(c)].append(c)
        return places

    def _equations(self, cellule: int) -> tuple[tuple[int, int], ...]:
        return tuple((k, v) for k, v in self._de[cellule] if self._bas[k] == self._haut[k] == 0)

    def donner(self, visee: Vecteur, sues: Sequence[Vecteur], ecart: float) -> Ecart | None:
        """What another cell, of which `sues` say nothing, gives to the one that a forme is; None without."""
        if len(visee) != 1 or visee.keys() & (connues := set().union(*sues)):
            return None
        ((cellule, signe),) = visee.items()
        donnent = (d for d in self._places[self._equations(cellule)] if d != cellule and d not in connues)
        for _, d in zip(range(_DONNENT), donnent, strict=False):
            if signe < 0 or self._marges[d] < ecart:
                return None
            if self.admis(don := {cellule: ecart, d: -ecart}):
                return don
        return None

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

    def chercher(
        self, visee: Vecteur, sues: Sequence[Vecteur], ecart: float, *, vers_le_haut: bool = False
    ) -> Ecart | None:
        """The smallest change that moves a forme by `ecart`, up or down, and none of `sues`; None without.

        The cells around are tried first: what is far seldom has to change.
        """
        sens = ((ecart, math.inf),) if vers_le_haut else ((ecart, math.inf), (-math.inf, -ecart))
        for programme in self._programmes(visee):
            if (trouve := self._mouvoir(programme, visee, sues, sens)) is not None:
                return trouve
        return None

    def _programmes(self, visee: Vecteur) -> "Iterator[_Programme]":
        """The programs of what is near a forme, then of all."""
        for combien in _PROCHES:
            if len(self._cellules) > 2 * combien:
                yield self._sur(self._autour(visee, combien))
        yield self._entier()

    def de_pres(self, visee: Vecteur, ecart: float) -> Ecart | None:
        """A change of what is near a forme alone that moves it by `ecart`, up or down; None without."""
        programme = self._sur(self._autour(visee, _PROCHES[0]))
        return self._mouvoir(programme, visee, (), ((ecart, math.inf), (-math.inf, -ecart)))

    def _mouvoir(
        self,
        programme: "_Programme",
        visee: Vecteur,
        sues: Sequence[Vecteur],
        sens: Iterable[tuple[float, float]],
    ) -> Ecart | None:
        for bas, haut in sens:
            lignes = [*((s, 0.0, 0.0) for s in sues), (visee, bas, haut)]
            if (trouve := programme.resoudre(None, lignes, entiers=self._entiers)) is not None:
                return trouve[0]
        return None

    def etendue(
        self, visee: Vecteur, sues: Sequence[Vecteur], *, vers_le_haut: bool = False
    ) -> tuple[float, list[Contrainte]]:
        """How far apart the values of a forme are to who knows `sues`, and the constraints that hold it.

        The latter by the multipliers of the linear programs. `vers_le_haut`: how far above the true one.
        """
        etendue, tenantes, programme = 0.0, list[Contrainte](), self._entier()
        fixes = [(s, 0.0, 0.0) for s in sues]
        for sens in (-1,) if vers_le_haut else (1, -1):
            vers = {c: sens * v for c, v in visee.items()}
            trouve = programme.resoudre(vers, fixes, entiers=False)
            if trouve is None:
                return math.inf, []
            ecart, duales = trouve
            tenantes += [self._contraintes[k] for k in np.flatnonzero(np.abs(duales) > _EPSILON)]
            if self._entiers and (entier := programme.resoudre(vers, fixes, entiers=True)) is not None:
                ecart, _ = entier
            etendue += abs(sum(v * ecart.get(c, 0.0) for c, v in visee.items()))
        return etendue, tenantes

    def _autour(self, visee: Vecteur, combien: int) -> list[int]:
        """Cells of the constraints that hold a forme, and of those that hold these, until they are so many.

        Of a sum of many, those alone that are in little else: one of them makes up for what others change.
        """
        proches, nouvelles, larges = set(visee), set(visee), set[int]()
        while nouvelles and len(proches) < combien:
            tenantes = {k for c in nouvelles for k, _ in self._de[c]}
            etroites = {k for k in tenantes if len(self._contraintes[k].vecteur) < combien}
            larges |= tenantes - etroites
            nouvelles = set().union(*(self._contraintes[k].vecteur for k in etroites)) - proches
            proches |= nouvelles
        proches.update(*map(self._libres, larges))
        return [c for c in self._cellules if c in proches]

    def _libres(self, k: int) -> list[int]:
        """The cells of a constraint that are in fewest others, those that have most to give first."""
        if k not in self._libres_de:
            siennes = self._contraintes[k].vecteur
            self._libres_de[k] = sorted(siennes, key=lambda c: (len(self._de[c]), -self._marges[c], c))[
                :_LIBRES
            ]
        return self._libres_de[k]

    def _entier(self) -> "_Programme":
        if self._programme is None:
            self._programme = self._sur(self._cellules)
        return self._programme

    def _sur(self, cellules: Sequence[int]) -> "_Programme":
        """The program of the changes of some cells alone."""
        marges = {c: max(0.0, self._marges[c]) for c in cellules}
        tenantes = sorted({k for c in cellules for k, _ in self._de[c]})
        lignes = [(self._contraintes[k].vecteur, self._bas[k], self._haut[k]) for k in tenantes]
        return _Programme(marges, lignes, self._connues)


class _Programme:
    """What is added to each cell, and taken from it: two columns, so that the size of a change is linear."""

    def __init__(
        self, marges: Mapping[int, float], lignes: Sequence[Encadrement], connues: Container[int]
    ) -> None:
        """`marges`: what may be taken from each cell; `lignes`: what bounds the changes."""
        couts = np.array([_CONNUE if c in connues else 1.0 for c in marges])
        self._couts = np.concatenate([couts, couts])
        self._cellules, self._rang = list(marges), {c: i for i, c in enumerate(marges)}
        self._lignes, n = len(lignes), len(marges)
        self._solveur = Solveur()
        # Few cells change: simplifying the program would cost more than solving it, but in whole numbers, for
        # which many are solved.
        self._solveur.setOptionValue("presolve", "off")
        hauts = np.array([highspy.kHighsInf] * n + list(marges.values()))
        self._solveur.addVars(2 * n, np.zeros(2 * n), hauts)
        self._ajouter(lignes)

    def resoudre(
        self, vers: Vecteur | None, lignes: Sequence[Encadrement], *, entiers: bool
    ) -> tuple[Ecart, npt.NDArray[np.float64]] | None:
        """The change that makes a form least, under some more rows, with the multipliers of the first ones.

        The smallest change without a form, of cells that nobody knows before others. None when there is
        none, or none of least cost.
        """
        n = len(self._cellules)
        couts = self._couts if vers is None else np.zeros(2 * n)
        for c, v in (vers or {}).items():
            couts[self._rang[c]], couts[n + self._rang[c]] = v, -v
        solution = self._lancer(couts, lignes, entiers=False)
        if entiers and solution and any(abs(d - round(d)) > _EPSILON for d in solution[0].values()):
            solution = self._lancer(couts, lignes, entiers=True)
        if entiers and solution:
            return {c: float(round(d)) for c, d in solution[0].items()}, solution[1]
        return solution

    def _lancer(
        self, couts: npt.NDArray[np.float64], lignes: Sequence[Encadrement], *, entiers: bool
    ) -> tuple[Ecart, npt.NDArray[np.float64]] | None:
        solveur, n = self._solveur, len(self._cellules)
        toutes = np.arange(2 * n, dtype=np.int32)
        solveur.changeColsCost(2 * n, toutes, couts)
        self._ajouter(lignes)
        if entiers:
            solveur.changeColsIntegrality(2 * n, toutes, np.full(2 * n, highspy.HighsVarType.kInteger))
            solveur.setOptionValue("presolve", "on")
        solveur.run()
        statut, solution = solveur.getModelStatus(), solveur.getSolution()
        # No change at all is where the next program starts from, whatever this one was.
        solveur.clearSolver()
        if entiers:
            solveur.changeColsIntegrality(2 * n, toutes, np.full(2 * n, highspy.HighsVarType.kContinuous))
            solveur.setOptionValue("presolve", "off")
        if lignes:
            rangs = np.arange(self._lignes, self._lignes + len(lignes), dtype=np.int32)
            solveur.deleteRows(len(lignes), rangs)
        match statut:
            case highspy.HighsModelStatus.kOptimal:
                colonnes = np.array(solution.col_value)
                ecart = colonnes[:n] - colonnes[n:]
                changees = np.flatnonzero(np.abs(ecart) > _EPSILON)
                duales = np.array(solution.row_dual[: self._lignes])
                return {self._cellules[i]: float(ecart[i]) for i in changees}, duales
            case highspy.HighsModelStatus.kInfeasible | highspy.HighsModelStatus.kUnbounded:
                return None
            case _:
                raise SansOptimum(solveur.modelStatusToString(statut))

    def _ajouter(self, lignes: Sequence[Encadrement]) -> None:
        """Add rows; cells that are not in the program do not change."""
        if not lignes:
            return
        n = len(self._cellules)
        siens = [
            [(self._rang[c], v) for c, v in vecteur.items() if c in self._rang] for vecteur, *_ in lignes
        ]
        rangs = np.array([r for sien in siens for r, _ in sien], dtype=np.int32)
        valeurs = np.array([v for sien in siens for _, v in sien], dtype=np.float64)
        debuts = np.cumsum([0, *(2 * len(sien) for sien in siens)], dtype=np.int32)[:-1]
        indices, deux = np.stack([rangs, rangs + n], 1).ravel(), np.stack([valeurs, -valeurs], 1).ravel()
        bas, haut = (np.array([ligne[i] for ligne in lignes]) for i in (1, 2))
        self._solveur.addRows(len(lignes), bas, haut, len(deux), debuts, indices, deux)
