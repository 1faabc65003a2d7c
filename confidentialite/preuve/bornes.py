"""Bounds: the smallest and largest value of each protected form that all published figures allow.

Belongs here: linear and integer programs, one small system at a time, solved by HiGHS. Two communes that play
the same part in a system have the same bounds: one of them is solved. Does not: how what is unknown falls
into systems (`composantes.py`), nor rank tests (`exactitude.py`).
"""

import json
import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import highspy
import numpy as np
from scipy.sparse import csr_array

from confidentialite.preuve.composantes import Composante, Contrainte, decouper, empreinte, pas
from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import ECHELLE, Forme, Modele, Protegee
from socle.disque import ecriture_atomique
from socle.etat import lire_ou_refaire
from socle.solveur import Solveur

EPSILON = 1e-6
# In a system of more constraints, what solutions met leave wide enough is not solved to its ends.
_GRAND = 100
# Solutions of a large one that are looked for first, each far out for many forms at once.
_TOURS = 12
# Solutions in whole numbers that are kept: they reach bounds that need not be asked of an integer program.
_ENTIERES = 50
INCOMPATIBLE = "published figures contradict each other"


@dataclass(frozen=True)
class Borne:
    """What an attacker is left with on one form, in its own unit; `entiers`: how many values fit."""

    bas: float
    haut: float
    entiers: float


@dataclass
class Solutions:
    """Bounds by protected form, and how they were obtained."""

    solveur: str = f"HiGHS {version('highspy')}"
    bornes: dict[Forme, Borne] = field(default_factory=dict)
    resolues: int = 0
    reprises: int = 0
    sans_le_public: int = 0
    echecs: list[tuple[Protegee, str]] = field(default_factory=list)


def borner(
    modele: Modele, savoir: Connaissances, protegees: Iterable[Protegee], cache: Path | None = None
) -> Solutions:
    """Bound each protected form, component by component.

    `cache`: a file that holds the bounds of the components of the last audit, in the zone of the aggregates;
    a component it knows is not solved again. It is written anew with those of this one.
    """
    solutions = Solutions()
    connues = lire_cache(cache)
    vues: dict[str, list[list[float | None]]] = {}
    for composante in decouper(modele, savoir, protegees):
        cle = empreinte(modele, composante)
        resultats = connues.get(cle)
        if resultats is None:
            calcul = Calcul(modele, composante)
            bornes, motif = calcul.resoudre()
            if motif:
                solutions.echecs.extend((p, motif) for p, *_ in composante.formes)
                continue
            resultats = [[b.bas, None if math.isinf(b.haut) else b.haut] for b in bornes]
            resultats.append([float(calcul.sans_le_public), None])
            solutions.resolues += 1
        else:
            solutions.reprises += 1
        solutions.sans_le_public += bool(resultats[-1][0])
        for (protegee, _, _), (bas, haut) in zip(composante.formes, resultats, strict=False):
            solutions.bornes[protegee.forme] = _borne(modele, protegee.forme, float(bas or 0), haut)
        vues[cle] = resultats
    ecrire_cache(cache, vues)
    return solutions


def _borne(modele: Modele, forme: Forme, bas: float, haut: float | None) -> Borne:
    un = pas(modele, forme)
    if haut is None:
        return Borne(bas, math.inf, math.inf)
    entiers = math.floor(haut / un + EPSILON) - math.ceil(bas / un - EPSILON) + 1
    return Borne(bas, haut, max(0, entiers))


class Calcul:
    """The programs of one component. Unknowns are counted in steps: one, or one cent."""

    def __init__(self, modele: Modele, composante: Composante) -> None:
        """Load the constraints of a component."""
        self.modele, self.composante = modele, composante
        self.rang = {i: k for k, i in enumerate(composante.inconnues)}
        self.sans_le_public = False
        blocs = np.array(composante.inconnues, np.int64) // modele.nb_atomes
        self.pas = np.where(np.isin(blocs, list(modele.blocs_de_montants)), 1.0, float(ECHELLE))
        self.charger(composante.contraintes)

    def charger(self, contraintes: list[Contrainte]) -> None:
        """Set the constraints on one unknown apart, as its bounds, and the others as rows."""
        self.bas = np.zeros(len(self.rang))
        self.haut = np.full(len(self.rang), np.inf)
        self.lignes: list[Contrainte] = []
        for c in contraintes:
            if len(c.vecteur) == 1:
                ((inconnue, coefficient),) = c.vecteur.items()
                k = self.rang[inconnue]
                bornes = sorted((c.bas / coefficient, c.haut / coefficient))
                self.bas[k] = max(self.bas[k], bornes[0])
                self.haut[k] = min(self.haut[k], bornes[1])
            else:
                self.lignes.append(c)
        self._resserrer()
        self._solveur: highspy.Highs | None = None
        self.entieres: deque[np.ndarray] = deque(maxlen=_ENTIERES)

    def _resserrer(self) -> None:
        """Tighten the bounds of each unknown by those of the others in each row, twice.

        For example, with A + B = 10 and B at least 1: A is at most 10 - 1.
        """
        bas, haut = self.bas.tolist(), self.haut.tolist()
        lignes = [([self.rang[i] for i in c.vecteur], [*c.vecteur.values()], c) for c in self.lignes]
        for _ in range(2):
            for rangs, coefficients, c in lignes:
                petits = [
                    k * (bas[r] if k > 0 else haut[r]) for r, k in zip(rangs, coefficients, strict=True)
                ]
                grands = [
                    k * (haut[r] if k > 0 else bas[r]) for r, k in zip(rangs, coefficients, strict=True)
                ]
                moins, plus = _sommes_des_autres(petits), _sommes_des_autres(grands)
                for r, k, petit, grand in zip(rangs, coefficients, moins, plus, strict=True):
                    au_moins, au_plus = (c.bas - grand) / k, (c.haut - petit) / k
                    if k < 0:
                        au_moins, au_plus = au_plus, au_moins
                    # Infinity less infinity is no number, and tightens nothing.
                    if au_moins > bas[r]:
                        bas[r] = au_moins
                    if au_plus < haut[r]:
                        haut[r] = au_plus
        self.bas, self.haut = np.array(bas), np.array(haut)

    def resoudre(self) -> tuple[list[Borne], str | None]:
        """Return the bounds of each form of the component, or why they could not be had."""
        bornes, motif = self._essayer()
        if motif == INCOMPATIBLE and any(c.priorite for c in self.composante.contraintes):
            # Producers differ, revisions contradict: what the extract says today stands alone.
            self.sans_le_public = True
            self.charger([c for c in self.composante.contraintes if not c.priorite])
            bornes, motif = self._essayer()
        return bornes, motif

    def _essayer(self) -> tuple[list[Borne], str | None]:
        if np.any(self.bas > self.haut + EPSILON):
            return [], INCOMPATIBLE
        roles = self.roles()
        cles = [roles.get(p.forme, p.forme) for p, *_ in self.composante.formes]
        self.vues = Vues(self.composante.formes, cles, self.rang, self.pas)
        par_role: dict[object, tuple[float, float]] = {}
        bornes = []
        grand = len(self.lignes) > _GRAND
        if grand and (motif := self._parcourir()):
            return [], motif
        for (protegee, vecteur, somme), cle in zip(self.composante.formes, cles, strict=True):
            if grand and cle not in par_role and (vues := self._suffisent(protegee.forme, cle, somme)):
                bornes.append(vues)
                continue
            if cle not in par_role:
                bas, haut, motif = self._encadrer(vecteur, self.vues.role(cle))
                if motif is None and haut - bas < 2 * pas(self.modele, protegee.forme) * ECHELLE:
                    bas, haut, motif = self._encadrer(vecteur, None, (bas, haut))
                if motif:
                    return [], motif
                par_role[cle] = (bas, haut)
            bas, haut = par_role[cle]
            bornes.append(Borne((bas + somme) / ECHELLE, (haut + somme) / ECHELLE, 0))
        return bornes, None

    def _parcourir(self) -> str | None:
        """Meet solutions that are far apart, or return why there is none."""
        alea = np.random.default_rng(0)
        for _ in range(_TOURS):
            couts = self.vues.ensemble(alea.choice([-1.0, 1.0], len(self.composante.formes)))
            rangs = np.flatnonzero(couts).astype(np.int32)
            for sens in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
                if motif := self.optimiser(sens, rangs, couts[rangs], entier=False)[1]:
                    return motif
        return None

    def _suffisent(self, forme: Forme, cle: object, somme: int) -> Borne | None:
        """Return the values met of a count, where they are enough: what it may be is no less than these.

        Enough are two steps between them, more values than the rule asks, and one that is not small.
        """
        e = self.modele.exigences
        bas, haut = ((float(x[self.vues.role(cle)]) + somme) / ECHELLE for x in self.vues.extremes)
        if pas(self.modele, forme) < 1 or haut < e.seuil or haut - bas < max(2, e.alternatives_min):
            return None
        return Borne(bas, haut, 0)

    def roles(self) -> dict[Forme, object]:
        """Key the forms on one commune: the same for two communes that may be exchanged, changing nothing."""
        n = self.modele.nb_atomes
        par_atome: dict[int, list[object]] = {}
        for k, i in enumerate(self.composante.inconnues):
            par_atome.setdefault(i % n, []).append((i // n, float(self.bas[k]), float(self.haut[k])))
        for rang, c in enumerate(self.lignes):
            local = len({i % n for i in c.vecteur}) == 1
            signe: object = ("local", c.bas, c.haut) if local else ("large", rang)
            groupe = tuple(sorted((j // n, d) for j, d in c.vecteur.items())) if local else ()
            for i, coefficient in c.vecteur.items():
                par_atome[i % n].append((i // n, coefficient, signe, groupe))
        signatures = {a: tuple(sorted(map(repr, role))) for a, role in par_atome.items()}
        roles: dict[Forme, object] = {}
        for protegee, vecteur, _ in self.composante.formes:
            atomes = {i % n for i in vecteur}
            if len(atomes) == 1:
                cle = tuple(sorted((i // n, c) for i, c in vecteur.items()))
                roles[protegee.forme] = (signatures[atomes.pop()], cle)
        return roles

    def _encadrer(
        self, vecteur: dict[int, int], role: int | None, reels: tuple[float, float] | None = None
    ) -> tuple[float, float, str | None]:
        """Return the smallest and largest value of a form in hundredths, and why it failed.

        `role`: its rank among those whose values at the solutions met so far are kept; None asks for whole
        numbers, of which `reels` are the bounds in real ones. A bound that holds unknown by unknown, and that
        a solution has reached, is not solved again; nor is one that a solution in whole numbers has reached.
        For example, with A + B = 10 and both at least 1: A is at least 1 and at most 10 - 1; once a solution
        has A = 9, its largest value is known, and so is the smallest of B.
        """
        rangs = np.array([self.rang[i] for i in vecteur], dtype=np.int32)
        coefficients = np.array(list(vecteur.values()), dtype=float)
        if not self.lignes and len(vecteur) == 1:
            bas, haut = sorted((coefficients[0] * self.bas[rangs[0]], coefficients[0] * self.haut[rangs[0]]))
            return float(bas), float(haut), None
        positifs = coefficients > 0
        a_priori = (
            float((coefficients * np.where(positifs, self.bas[rangs], self.haut[rangs])).sum()),
            float((coefficients * np.where(positifs, self.haut[rangs], self.bas[rangs])).sum()),
        )
        couts = coefficients * self.pas[rangs]
        resultats = []
        for cote, sens in enumerate((highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize)):
            if role is not None and abs(self.vues.extremes[cote][role] - a_priori[cote]) < EPSILON:
                resultats.append(a_priori[cote])
                continue
            if reels is not None and self._atteinte(rangs, couts, reels[cote]):
                resultats.append(reels[cote])
                continue
            valeur, motif = self.optimiser(sens, rangs, couts, entier=role is None)
            if motif:
                return 0.0, 0.0, motif
            resultats.append(valeur)
        return resultats[0], resultats[1], None

    def _atteinte(self, rangs: np.ndarray, couts: np.ndarray, valeur: float) -> bool:
        """Whether one of the last solutions, in whole numbers, gives an objective this value."""
        return any(abs(float(s[rangs] @ couts) - valeur) < EPSILON for s in self.entieres)

    def optimiser(
        self, sens: highspy.ObjSense, rangs: np.ndarray, couts: np.ndarray, *, entier: bool
    ) -> tuple[float, str | None]:
        """Return the best value of an objective, or why it could not be had."""
        solveur = self.programme(entier)
        solveur.changeColsCost(len(rangs), rangs, couts)
        solveur.changeObjectiveSense(sens)
        solveur.run()
        statut, motif, valeur = solveur.getModelStatus(), None, 0.0
        sans_fin = statut in (
            highspy.HighsModelStatus.kUnbounded,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        )
        if statut == highspy.HighsModelStatus.kOptimal:
            valeur = float(solveur.getObjectiveValue())
            self.noter(np.array(solveur.getSolution().col_value))
        elif sans_fin and self._faisable(solveur, rangs, couts):
            valeur = -math.inf if sens == highspy.ObjSense.kMinimize else math.inf
        elif sans_fin or statut == highspy.HighsModelStatus.kInfeasible:
            motif = INCOMPATIBLE
        else:
            motif = f"solver status {solveur.modelStatusToString(statut)}"
        solveur.changeColsCost(len(rangs), rangs, np.zeros(len(rangs)))
        return valeur, motif

    def noter(self, solution: np.ndarray) -> None:
        """Take note of a solution, in steps."""
        self.vues.voir(solution)
        if np.abs(solution - (entiere := np.round(solution))).max(initial=0) < EPSILON:
            self.entieres.append(entiere)

    def _faisable(self, solveur: highspy.Highs, rangs: np.ndarray, couts: np.ndarray) -> bool:
        """Whether anything satisfies the constraints, the objective left aside."""
        solveur.changeColsCost(len(rangs), rangs, np.zeros(len(rangs)))
        solveur.run()
        faisable = solveur.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solveur.changeColsCost(len(rangs), rangs, couts)
        return bool(faisable)

    def programme(self, entier: bool) -> highspy.Highs:
        """Return the solver loaded with the constraints: kept for linear programs, new for integer ones."""
        if self._solveur is not None and not entier:
            return self._solveur
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = len(self.rang), len(self.lignes)
        programme.col_cost_ = np.zeros(len(self.rang))
        bas, haut = self.bas / self.pas, self.haut / self.pas
        if entier:
            bas, haut = np.ceil(bas - EPSILON), np.floor(haut + EPSILON)
            programme.integrality_ = [highspy.HighsVarType.kInteger] * len(self.rang)
        programme.col_lower_, programme.col_upper_ = bas, np.maximum(bas, haut)
        programme.row_lower_ = np.array([c.bas for c in self.lignes]) / ECHELLE
        programme.row_upper_ = np.array([c.haut for c in self.lignes]) / ECHELLE
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        indices = [self.rang[i] for c in self.lignes for i in c.vecteur]
        coefficients = [d for c in self.lignes for d in c.vecteur.values()]
        debuts = np.cumsum([0, *(len(c.vecteur) for c in self.lignes)])
        programme.a_matrix_.start_ = debuts.astype(np.int32)
        programme.a_matrix_.index_ = np.array(indices, dtype=np.int32)
        programme.a_matrix_.value_ = np.array(coefficients, dtype=float) * self.pas[indices] / ECHELLE
        solveur = Solveur()
        solveur.passModel(programme)
        if not entier:
            self._solveur = solveur
        return solveur


class Vues:
    """The smallest and largest value of each role at the solutions met so far, in hundredths."""

    def __init__(
        self,
        formes: Sequence[tuple[Protegee, dict[int, int], int]],
        cles: Sequence[object],
        rang: Mapping[int, int],
        pas_: np.ndarray,
    ) -> None:
        """`cles`: the role of each form; `rang` and `pas_` of each unknown."""
        self._roles = {cle: k for k, cle in enumerate(dict.fromkeys(cles))}
        self._de = np.array([self._roles[cle] for cle in cles])
        indices = np.array([rang[i] for _, v, _ in formes for i in v])
        valeurs = np.array([c for _, v, _ in formes for c in v.values()], dtype=float)
        debuts = np.cumsum([0, *(len(v) for _, v, _ in formes)])
        self._matrice = csr_array((valeurs * pas_[indices], indices, debuts), shape=(len(formes), len(rang)))
        nombre = len(self._roles)
        self.extremes = np.full(nombre, np.inf), np.full(nombre, -np.inf)

    def role(self, cle: object) -> int:
        """Return the rank of a role."""
        return self._roles[cle]

    def valeurs(self, solution: np.ndarray) -> np.ndarray:
        """Return the value of each form at a solution in steps."""
        valeurs: np.ndarray = self._matrice @ solution
        return valeurs

    def ensemble(self, signes: np.ndarray) -> np.ndarray:
        """Return the cost of each unknown when these signs of the forms are added up."""
        couts: np.ndarray = self._matrice.T @ signes
        return couts

    def voir(self, solution: np.ndarray) -> None:
        """Take note of a solution, in steps."""
        valeurs = self.valeurs(solution)
        np.minimum.at(self.extremes[0], self._de, valeurs)
        np.maximum.at(self.extremes[1], self._de, valeurs)


def _sommes_des_autres(termes: list[float]) -> list[float]:
    """For each term, the sum of all the others; infinite terms are counted apart."""
    infinis = [t for t in termes if math.isinf(t)]
    if not infinis:
        total = sum(termes)
        return [total - t for t in termes]
    if len(infinis) > 1:
        return infinis[:1] * len(termes)
    fini = sum(t for t in termes if not math.isinf(t))
    return [fini if math.isinf(t) else infinis[0] for t in termes]


def lire_cache(cache: Path | None) -> dict[str, list[list[float | None]]]:
    """Return what the last audit kept of each component; nothing without a file."""
    if cache is None:
        return {}
    return lire_ou_refaire(
        cache,
        dict[str, list[list[float | None]]],
        {},
        "the bounds of the last audit of secrecy",
        "this audit solves everything",
    )


def ecrire_cache(cache: Path | None, vues: dict[str, list[list[float | None]]]) -> None:
    """Keep what this audit found of each component, and nothing older."""
    if cache is None:
        return
    cache.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ecriture_atomique(cache) as fichier:
        fichier.write(json.dumps(vues, sort_keys=True).encode())
