"""Bounds: the smallest and largest value of each protected form that all published figures allow.

Belongs here: linear and integer programs, one small system at a time, solved by HiGHS. Two communes that play
the same part in a system have the same bounds: one of them is solved. Does not: rank tests (`exactitude.py`).
"""

import hashlib
import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import highspy
import numpy as np

from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import ECHELLE, Forme, Modele, Protegee, moins

EPSILON = 1e-6
INCOMPATIBLE = "published figures contradict each other"


@dataclass
class Contrainte:
    """`bas` ≤ sum of coefficient × unknown ≤ `haut`, in hundredths; `priorite` as in the model."""

    vecteur: dict[int, int]
    bas: float
    haut: float
    priorite: int


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


@dataclass
class _Composante:
    inconnues: list[int]
    contraintes: list[Contrainte]
    formes: list[tuple[Protegee, dict[int, int], int]]


def borner(
    modele: Modele, savoir: Connaissances, protegees: Iterable[Protegee], cache: Path | None = None
) -> Solutions:
    """Bound each protected form, component by component.

    `cache`: a file that holds the bounds of the components of the last audit, in the zone of the aggregates;
    a component it knows is not solved again. It is written anew with those of this one.
    """
    solutions = Solutions()
    connues = _lire(cache)
    vues: dict[str, list[list[float | None]]] = {}
    for composante in _composantes(modele, savoir, protegees):
        empreinte = _empreinte(modele, composante)
        resultats = connues.get(empreinte)
        if resultats is None:
            calcul = _Calcul(modele, composante)
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
        vues[empreinte] = resultats
    _ecrire(cache, vues)
    return solutions


def _borne(modele: Modele, forme: Forme, bas: float, haut: float | None) -> Borne:
    pas = _pas(modele, forme)
    if haut is None:
        return Borne(bas, math.inf, math.inf)
    entiers = math.floor(haut / pas + EPSILON) - math.ceil(bas / pas - EPSILON) + 1
    return Borne(bas, haut, max(0, entiers))


def _pas(modele: Modele, forme: Forme) -> float:
    """Return the step between two values of the form: one, or one cent."""
    noms = _noms(modele)
    return 0.01 if any(noms[b][0] in modele.montants for b, _ in forme.lin) else 1.0


def _noms(modele: Modele) -> list[tuple[str, int]]:
    return list(modele.blocs)


def _composantes(modele: Modele, savoir: Connaissances, protegees: Iterable[Protegee]) -> list[_Composante]:
    """Split what is unknown into systems that share no constraint."""
    formes = []
    for protegee in protegees:
        vecteur, somme = modele.vecteur(protegee.forme, savoir.connus)
        if vecteur:
            formes.append((protegee, vecteur, somme))
    contraintes = [Contrainte(v, float(s), float(s), p) for v, s, p in savoir.retenues]
    for forme, lu in modele.intervalles.items():
        vecteur, somme = modele.vecteur(forme, savoir.connus)
        if vecteur:
            haut = lu.haut * ECHELLE - somme
            contraintes.append(Contrainte(vecteur, lu.bas * ECHELLE - somme, haut, lu.priorite))
    if modele.parametres.zero_publiable:
        for forme in modele.au_moins_un:
            vecteur, somme = modele.vecteur(forme, savoir.connus)
            if vecteur:
                contraintes.append(Contrainte(vecteur, _pas(modele, forme) * ECHELLE - somme, math.inf, 0))
    univers = {i for c in contraintes for i in c.vecteur} | {i for _, v, _ in formes for i in v}
    contraintes += _inclusions(modele, savoir, univers)

    parents: dict[int, int] = {}

    def racine(i: int) -> int:
        while (parent := parents.setdefault(i, i)) != i:
            parents[i] = parents.setdefault(parent, parent)
            i = parents[i]
        return i

    for vecteur in (*(c.vecteur for c in contraintes), *(v for _, v, _ in formes)):
        premier, *autres = vecteur
        for autre in autres:
            parents[racine(autre)] = racine(premier)
    composantes: dict[int, _Composante] = {}
    for forme_ in formes:
        composantes.setdefault(racine(next(iter(forme_[1]))), _Composante([], [], [])).formes.append(forme_)
    for contrainte in contraintes:
        if composante := composantes.get(racine(next(iter(contrainte.vecteur)))):
            composante.contraintes.append(contrainte)
    for composante in composantes.values():
        composante.inconnues = sorted(
            {i for c in composante.contraintes for i in c.vecteur}
            | {i for _, v, _ in composante.formes for i in v}
        )
    return list(composantes.values())


def _inclusions(modele: Modele, savoir: Connaissances, univers: set[int]) -> list[Contrainte]:
    """A part never exceeds its whole, commune by commune."""
    contraintes = []
    n = modele.nb_atomes
    atomes_par_bloc: dict[int, set[int]] = {}
    for inconnue in univers:
        atomes_par_bloc.setdefault(inconnue // n, set()).add(inconnue % n)
    for num, den in sorted(modele.parts | modele.inclusions()):
        blocs = {b for b, _ in (*num, *den)}
        for atome in sorted(set().union(*(atomes_par_bloc.get(b, set()) for b in blocs))):
            vecteur: dict[int, int] = {}
            constante = 0
            for bloc, c in moins(den, num):
                if savoir.connus[bloc, atome]:
                    constante += c * int(modele.valeur[bloc, atome])
                else:
                    vecteur[bloc * n + atome] = c
            if vecteur:
                contraintes.append(Contrainte(vecteur, float(-constante), math.inf, 0))
    return contraintes


def _empreinte(modele: Modele, composante: _Composante) -> str:
    """SHA-256 of a component, told in names that do not depend on the order anything was read in."""
    noms, atomes, n = _noms(modele), list(modele.geographie.atomes), modele.nb_atomes

    def dire(vecteur: dict[int, int]) -> list[list[object]]:
        return sorted([*noms[i // n], atomes[i % n], c] for i, c in vecteur.items())

    contenu = {
        "contraintes": sorted(
            [dire(c.vecteur), str(c.bas), str(c.haut), c.priorite] for c in composante.contraintes
        ),
        "formes": [[dire(v), s, _pas(modele, p.forme)] for p, v, s in composante.formes],
        "alternatives": modele.parametres.alternatives_min,
    }
    return hashlib.sha256(json.dumps(contenu, sort_keys=True).encode()).hexdigest()


class _Calcul:
    """The programs of one component. Unknowns are counted in steps: one, or one cent."""

    def __init__(self, modele: Modele, composante: _Composante) -> None:
        self.modele, self.composante = modele, composante
        self.rang = {i: k for k, i in enumerate(composante.inconnues)}
        self.sans_le_public = False
        noms, n = _noms(modele), modele.nb_atomes
        self.pas = np.array(
            [1.0 if noms[i // n][0] in modele.montants else float(ECHELLE) for i in composante.inconnues]
        )
        self._charger(composante.contraintes)

    def _charger(self, contraintes: list[Contrainte]) -> None:
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

    def _resserrer(self) -> None:
        """Tighten the bounds of each unknown by those of the others in each row, twice."""
        for _ in range(2):
            for c in self.lignes:
                rangs = np.array([self.rang[i] for i in c.vecteur])
                coefficients = np.array(list(c.vecteur.values()), dtype=float)
                positifs = coefficients > 0
                petits = coefficients * np.where(positifs, self.bas[rangs], self.haut[rangs])
                grands = coefficients * np.where(positifs, self.haut[rangs], self.bas[rangs])
                with np.errstate(invalid="ignore"):
                    plus = (c.haut - _somme_des_autres(petits)) / coefficients
                    moins = (c.bas - _somme_des_autres(grands)) / coefficients
                    self.haut[rangs] = np.fmin(self.haut[rangs], np.where(positifs, plus, moins))
                    self.bas[rangs] = np.fmax(self.bas[rangs], np.where(positifs, moins, plus))

    def resoudre(self) -> tuple[list[Borne], str | None]:
        """Return the bounds of each form of the component, or why they could not be had."""
        bornes, motif = self._essayer()
        if motif == INCOMPATIBLE and any(c.priorite for c in self.composante.contraintes):
            # Producers differ, revisions contradict: what the extract says today stands alone.
            self.sans_le_public = True
            self._charger([c for c in self.composante.contraintes if not c.priorite])
            bornes, motif = self._essayer()
        return bornes, motif

    def _essayer(self) -> tuple[list[Borne], str | None]:
        if np.any(self.bas > self.haut + EPSILON):
            return [], INCOMPATIBLE
        par_role: dict[object, tuple[float, float]] = {}
        bornes = []
        roles = self._roles()
        for protegee, vecteur, somme in self.composante.formes:
            cle = roles.get(protegee.forme, protegee.forme)
            if cle not in par_role:
                bas, haut, motif = self._encadrer(vecteur, entier=False)
                if motif is None and haut - bas < 2 * _pas(self.modele, protegee.forme) * ECHELLE:
                    bas, haut, motif = self._encadrer(vecteur, entier=True)
                if motif:
                    return [], motif
                par_role[cle] = (bas, haut)
            bas, haut = par_role[cle]
            bornes.append(Borne((bas + somme) / ECHELLE, (haut + somme) / ECHELLE, 0))
        return bornes, None

    def _roles(self) -> dict[Forme, object]:
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

    def _encadrer(self, vecteur: dict[int, int], *, entier: bool) -> tuple[float, float, str | None]:
        """Return the smallest and largest value of a form in hundredths, and why it failed."""
        if not self.lignes and len(vecteur) == 1:
            ((inconnue, c),) = vecteur.items()
            k = self.rang[inconnue]
            bas, haut = sorted((c * float(self.bas[k]), c * float(self.haut[k])))
            return bas, haut, None
        solveur = self._programme(entier)
        rangs = np.array([self.rang[i] for i in vecteur], dtype=np.int32)
        couts = np.array(list(vecteur.values()), dtype=float) * self.pas[rangs]
        solveur.changeColsCost(len(rangs), rangs, couts)
        resultats = []
        for sens in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            solveur.changeObjectiveSense(sens)
            solveur.run()
            statut = solveur.getModelStatus()
            if statut == highspy.HighsModelStatus.kOptimal:
                resultats.append(float(solveur.getObjectiveValue()))
            elif statut in (
                highspy.HighsModelStatus.kUnbounded,
                highspy.HighsModelStatus.kUnboundedOrInfeasible,
            ) and self._faisable(solveur, rangs, couts):
                resultats.append(-math.inf if sens == highspy.ObjSense.kMinimize else math.inf)
            elif statut in (
                highspy.HighsModelStatus.kInfeasible,
                highspy.HighsModelStatus.kUnboundedOrInfeasible,
            ):
                return 0.0, 0.0, INCOMPATIBLE
            else:
                return 0.0, 0.0, f"solver status {solveur.modelStatusToString(statut)}"
        solveur.changeColsCost(len(rangs), rangs, np.zeros(len(rangs)))
        return resultats[0], resultats[1], None

    def _faisable(self, solveur: highspy.Highs, rangs: np.ndarray, couts: np.ndarray) -> bool:
        """Whether anything satisfies the constraints, the objective left aside."""
        solveur.changeColsCost(len(rangs), rangs, np.zeros(len(rangs)))
        solveur.run()
        faisable = solveur.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solveur.changeColsCost(len(rangs), rangs, couts)
        return bool(faisable)

    def _programme(self, entier: bool) -> highspy.Highs:
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
        solveur = highspy.Highs()  # type: ignore[no-untyped-call]
        solveur.setOptionValue("output_flag", False)
        solveur.setOptionValue("threads", 1)
        solveur.passModel(programme)
        if not entier:
            self._solveur = solveur
        return solveur


def _somme_des_autres(termes: np.ndarray) -> np.ndarray:
    """For each term, the sum of all the others; infinite terms are counted apart."""
    infinis = np.isinf(termes)
    fini = float(termes[~infinis].sum())
    if not infinis.any():
        return fini - termes
    signe = termes[infinis][0]
    if infinis.sum() == 1:
        return np.where(infinis, fini, signe)
    return np.full(len(termes), signe)


def _lire(cache: Path | None) -> dict[str, list[list[float | None]]]:
    if cache is None or not cache.exists():
        return {}
    lu: dict[str, list[list[float | None]]] = json.loads(cache.read_bytes())
    return lu


def _ecrire(cache: Path | None, vues: dict[str, list[list[float | None]]]) -> None:
    if cache is None:
        return
    cache.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    provisoire = cache.with_suffix(".en_cours")
    provisoire.unlink(missing_ok=True)
    descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descripteur, "w") as fichier:
        json.dump(vues, fichier, sort_keys=True)
        fichier.flush()
        os.fsync(fichier.fileno())
    provisoire.replace(cache)
