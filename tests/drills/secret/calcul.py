"""Exact elimination and integer programs, for an attacker.

Belongs here: linear algebra modulo two primes, and whether a number has a second value. Does not: which
equations (`lecteur.py`), who solves them for what (`attaques.py`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tests.drills.secret.lecteur import Case, Savoir, Vecteur

_PREMIERS = (2_147_483_629, 2_147_483_587)
Matrice = npt.NDArray[np.int64]
Bornes = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
# Of what a solver says.
_PRES = 1e-6


def _dans(table: npt.NDArray[np.float64], bornes: Bornes) -> bool:
    return bool((table >= bornes[0] - _PRES).all() and (table <= bornes[1] + _PRES).all())


class Espace:
    """What equations span, reduced, modulo a prime."""

    def __init__(self, cases: Mapping[Case, int], vecteurs: Iterable[Vecteur], premier: int) -> None:
        self._cases, self._p = cases, premier
        self._lignes: list[Matrice] = []
        self._pivots: list[int] = []
        for v in vecteurs:
            self.ajouter(v)

    def copie(self) -> "Espace":
        autre = Espace(self._cases, (), self._p)
        autre._lignes, autre._pivots = list(self._lignes), list(self._pivots)
        return autre

    def _reste(self, vecteur: Vecteur) -> Matrice:
        ligne = np.zeros(len(self._cases), np.int64)
        for c, k in vecteur.items():
            ligne[self._cases[c]] = k % self._p
        for pivot, base in zip(self._pivots, self._lignes, strict=True):
            if k := int(ligne[pivot]):
                ligne = (ligne - k * base) % self._p
        return ligne

    def ajouter(self, vecteur: Vecteur) -> None:
        ligne = self._reste(vecteur)
        non_nuls = np.flatnonzero(ligne)
        if non_nuls.size:
            pivot = int(non_nuls[0])
            self._pivots.append(pivot)
            self._lignes.append(ligne * pow(int(ligne[pivot]), -1, self._p) % self._p)

    def contient(self, vecteur: Vecteur) -> bool:
        return not self._reste(vecteur).any()


class Exact:
    """Two spaces, modulo two primes: what both contain is determined."""

    def __init__(self, cases: Mapping[Case, int], vecteurs: Sequence[Vecteur]) -> None:
        self._espaces = [Espace(cases, vecteurs, p) for p in _PREMIERS]

    @classmethod
    def de(cls, savoir: Savoir) -> "Exact":
        return cls({c: k for k, c in enumerate(savoir.vraies)}, [v for v, _ in savoir.egales])

    def avec(self, vecteurs: Sequence[Vecteur]) -> "Exact":
        autre = object.__new__(Exact)
        autre._espaces = [e.copie() for e in self._espaces]
        for e in autre._espaces:
            for v in vecteurs:
                e.ajouter(v)
        return autre

    def contient(self, vecteur: Vecteur) -> bool:
        return all(e.contient(vecteur) for e in self._espaces)


class Programme:
    """All tables that agree with what is known. `entiers`: of counts, integers alone."""

    def __init__(self, savoir: Savoir, *, entiers: bool = True) -> None:
        self._cases = {c: k for k, c in enumerate(savoir.vraies)}
        n = len(self._cases)
        self.vraie = np.array(list(savoir.vraies.values()), float)
        self._integralite = np.array(
            [int(entiers and c not in savoir.montants) for c in savoir.vraies], np.int64
        )
        # Only so that the solver always has an end: far above what could make a number unique.
        self._bas, self._haut = np.zeros(n), self.vraie + (60 if entiers else 1e9)
        self._lignes: list[tuple[Vecteur, float, float]] = [
            *((v, float(x), float(x)) for v, x in savoir.egales),
            *((v, float(b), float(h)) for v, b, h in savoir.entre),
        ]
        self._connues = {tuple(sorted(v.items())): float(x) for v, x in savoir.egales}
        self._fixer()
        self.tables = [self.vraie]

    def _fixer(self) -> None:
        """Cells alone in an equation are bounds; the rest is a matrix."""
        lignes, colonnes, valeurs, bas, haut = [], [], [], [], []
        for vecteur, b, h in self._lignes:
            if len(vecteur) == 1:
                ((case, k),) = vecteur.items()
                j = self._cases[case]
                if k > 0:
                    self._bas[j], self._haut[j] = max(self._bas[j], b / k), min(self._haut[j], h / k)
                else:
                    self._bas[j], self._haut[j] = max(self._bas[j], h / k), min(self._haut[j], b / k)
                continue
            for case, k in vecteur.items():
                lignes.append(len(bas))
                colonnes.append(self._cases[case])
                valeurs.append(float(k))
            bas.append(b)
            haut.append(h)
        self._a = csr_array((valeurs, (lignes, colonnes)), shape=(len(bas), len(self._cases)))
        self._entre = (np.array(bas), np.array(haut))

    def vecteur(self, coefficients: Vecteur) -> npt.NDArray[np.float64]:
        v = np.zeros(len(self._cases))
        for c, k in coefficients.items():
            v[self._cases[c]] = k
        return v

    def bornes_de(self, siennes: Mapping[Case, tuple[float, float]]) -> Bornes:
        """Bounds of the cells for somebody who knows some of them."""
        bas, haut = self._bas.copy(), self._haut.copy()
        for c, (b, h) in siennes.items():
            j = self._cases[c]
            bas[j], haut[j] = max(bas[j], b), min(haut[j], h)
        return bas, haut

    def maximum(
        self,
        v: npt.NDArray[np.float64],
        signe: int = 1,
        bornes: Bornes | None = None,
        plus: Sequence[tuple[Vecteur, float, float]] = (),
    ) -> float | None:
        """The largest value of a combination (the smallest with `signe` -1); None when there is no end."""
        bas, haut = bornes or (self._bas, self._haut)
        contraintes = [LinearConstraint(self._a, *self._entre)] if self._a.shape[0] else []
        contraintes += [LinearConstraint(self.vecteur(w).reshape(1, -1), b, h) for w, b, h in plus]
        # The true table is a solution (`Savoir.verifier`): where the solver finds none, it is its way of
        # simplifying the program that errs.
        for simplifier in (True, False):
            resultat = milp(
                -signe * v,
                constraints=contraintes,
                bounds=Bounds(bas, haut),
                integrality=self._integralite,
                options={"presolve": simplifier},
            )
            if resultat.status != 2:
                break
        if resultat.status == 3:
            return None
        assert resultat.status == 0, f"solver: {resultat.message}"
        table = resultat.x
        self.tables.append(np.where(self._integralite > 0, np.round(table), table))
        return float(v @ self.tables[-1])

    def sommet(self, coefficients: Vecteur, assez: float, bornes: Bornes | None = None) -> float:
        """The largest value of a combination, or any above `assez` that it may take."""
        connue = self._connues.get(tuple(sorted(coefficients.items())))
        if connue is not None:
            return connue
        v = self.vecteur(coefficients)
        deja = max(float(v @ t) for t in self.tables if _dans(t, bornes or (self._bas, self._haut)))
        if deja > assez:
            return deja
        haut = self.maximum(v, bornes=bornes)
        return math.inf if haut is None else haut

    def unique(
        self,
        coefficients: Vecteur,
        bornes: Bornes | None = None,
        plus: Sequence[tuple[Vecteur, float, float]] = (),
    ) -> bool:
        """Whether a number can only be what it is."""
        v = self.vecteur(coefficients)
        vrai = float(v @ self.vraie)
        bas, haut = bornes or (self._bas, self._haut)
        voulus = [(self.vecteur(w), b, h) for w, b, h in plus]
        for table in self.tables:
            possible = _dans(table, (bas, haut)) and all(
                b - 1e-6 <= w @ table <= h + 1e-6 for w, b, h in voulus
            )
            if possible and abs(v @ table - vrai) > 0.5:
                return False
        for signe in (1, -1):
            extreme = self.maximum(v, signe, (bas, haut), plus)
            if extreme is None or abs(extreme - vrai) > 0.5:
                return False
        return True
