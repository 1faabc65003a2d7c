"""What is left to a lone contributor: the programs of `bornes.py`, with its own cells for what they are.

Belongs here: for each contributor, which protected forms it knows too closely. Does not: what combinations of
printed figures alone tell it (`exactitude.py`), what is said of a finding (`controles/contributeur.py`).

    Communes A 3, B 1 and C 1 in an EPCI of 5, all hidden; the 3 of A are one foyer's
        outside, B may be 1 to 3
        to the foyer of A, B + C = 2 with both at least 1: B is 1, and so is C

A form is known too closely when fewer than `alternatives_min` whole numbers remain. What remains to all
contributors together remains to each: so they are first taken for one, who knows the cells of all but those
in the communes of the form, and each is asked about by itself only where that one knows too much. Two
communes that play the same part (`bornes.py`) may be exchanged in a solution, unless one is the owner's.
"""

import hashlib
import json
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from confidentialite.preuve.bornes import EPSILON, INCOMPATIBLE, Calcul, Vues, ecrire_cache, lire_cache
from confidentialite.preuve.composantes import Composante, decouper, empreinte, pas
from confidentialite.preuve.elimination import Elimination
from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import ECHELLE, Forme, Modele, Protegee

# A cent, in hundredths: bounds are of real numbers.
_CENTIEME = 1.0
# By how much, in steps, a cell may be out of the bounds of its unknown by its writing alone.
_PRES = 1e-9

Sommets = Mapping[Forme, tuple[float, float]]
"""How high an amount must be able to be, in its own unit: to who has no part of it, to who may have one."""

Sienne = tuple[tuple[tuple[int, int], ...], int]
"""A cell of a contributor: unknowns with coefficients, what they make in hundredths."""

Siennes = tuple[Sienne, ...]
"""The cells of a contributor in one component."""


@dataclass
class Restes:
    """What contributors are left with: the forms that one of them knows too closely.

    `contredits`: contributors whose own figure contradicts what is printed, so that nothing is said of them;
    `echecs`: forms whose programs could not be solved, and why.
    """

    etroites: list[Protegee] = field(default_factory=list)
    contredits: int = 0
    echecs: list[tuple[Protegee, str]] = field(default_factory=list)


def restes_des_contributeurs(
    modele: Modele,
    savoir: Connaissances,
    groupes: Iterable[Sequence[Forme]],
    propres: Mapping[Forme, int],
    protegees: Iterable[Protegee],
    cache: Path | None = None,
    sommets: Sommets = MappingProxyType({}),
    parts: Sequence[Container[int]] = (),
) -> Restes:
    """Find the protected forms that the owner of the cells of one group knows too closely.

    `propres`: the figure of each of these cells, in hundredths. `cache`: a file of what was found in the
    components of the last audit, written anew with those of this one. `sommets`: how high amounts must be
    able to be; `parts`: of each group, the unknowns that its owner has a part of.
    """
    groupes = list(groupes)
    vecteurs = {f: modele.vecteur(f, savoir.connus) for groupe in groupes for f in groupe}
    liens = [v for v, _ in vecteurs.values() if len(v) > 1]
    qui: dict[int, set[int]] = {}
    for rang, groupe in enumerate(groupes):
        for forme in groupe:
            for inconnue in vecteurs[forme][0]:
                qui.setdefault(inconnue, set()).add(rang)
    restes, connus, vus = Restes(), lire_cache(cache), dict[str, list[list[float | None]]]()
    for composante in decouper(modele, savoir, protegees, liens):
        proches = sorted(set().union(*(qui.get(i, ()) for i in composante.inconnues)))
        if not proches:
            continue
        inconnues = set(composante.inconnues)
        siennes: dict[Siennes, set[int]] = {}
        for rang in proches:
            sues = tuple(
                (tuple(sorted(v.items())), propres[f] - somme)
                for f in groupes[rang]
                for v, somme in (vecteurs[f],)
                if v and v.keys() <= inconnues
            )
            ici = siennes.setdefault(sues, set())
            ici |= {i for i in inconnues if parts and i in parts[rang]}
        siennes.pop((), None)
        cle = _empreinte(modele, composante, siennes, sommets)
        lus = connus.get(cle)
        if lus is None:
            examen = _Examen(modele, composante, siennes, sommets)
            motif = examen.examiner()
            if motif:
                restes.echecs.extend((p, motif) for p, *_ in composante.formes)
                continue
            lus = [[float(k) for k in sorted(examen.etroites)], [float(len(examen.contredits))]]
        vus[cle] = lus
        restes.etroites += [composante.formes[int(k or 0)][0] for k in lus[0]]
        restes.contredits += int(lus[1][0] or 0)
    if vus:
        ecrire_cache(cache, vus)
    return restes


def _empreinte(
    modele: Modele, composante: Composante, siennes: Mapping[Siennes, set[int]], sommets: Sommets
) -> str:
    """SHA-256 of a component with what its contributors know of it."""
    noms, atomes, n = list(modele.blocs), list(modele.geographie.atomes), modele.nb_atomes
    sues = sorted(
        [[[*noms[i // n], atomes[i % n], c] for i, c in vecteur], valeur]
        for s in siennes
        for vecteur, valeur in s
    )
    parts = sorted([[*noms[i // n], atomes[i % n]] for ici in siennes.values() for i in ici])
    hauts = [sommets.get(p.forme) for p, *_ in composante.formes]
    texte = json.dumps([empreinte(modele, composante), sues, parts, hauts])
    return hashlib.sha256(texte.encode()).hexdigest()


class _Impossible(Exception):
    """Programs that cannot be solved; the message says why."""


class _Examen:
    """One component, what contributors know of it, and the whole solutions met so far."""

    def __init__(
        self,
        modele: Modele,
        composante: Composante,
        contributeurs: Mapping[Siennes, set[int]],
        sommets: Sommets,
    ) -> None:
        self._modele, self._composante = modele, composante
        self._contributeurs, self._parts_de = list(contributeurs), contributeurs
        # In hundredths, of the unknown part of each form.
        self._sommets = np.array(
            [
                [s * ECHELLE - somme for s in sommets.get(p.forme, (-math.inf, -math.inf))]
                for p, _, somme in composante.formes
            ]
        )
        self.etroites: set[int] = set()
        self.contredits: set[Siennes] = set()
        self._charger(composante)
        self._voulus = np.array(
            [
                (modele.exigences.alternatives_min - 1) * pas(modele, p.forme) * ECHELLE
                for p, *_ in composante.formes
            ]
        )
        n = modele.nb_atomes
        self._atomes = [{i % n for i in vecteur} for _, vecteur, _ in composante.formes]
        self._formes_de: dict[int, list[int]] = {}
        for k, atomes in enumerate(self._atomes):
            for atome in atomes:
                self._formes_de.setdefault(atome, []).append(k)
        self._parts: dict[int, list[int]] = {}
        for part, tout in sorted(modele.parts | modele.inclusions()):
            if len(part) == len(tout) == 1:
                self._parts.setdefault(tout[0][0], []).append(part[0][0])
        self._atomes_de = [{i % n for v, _ in siennes for i, _ in v} for siennes in contributeurs]
        self._cellules = {sienne: k for k, sienne in enumerate(_reunir(contributeurs))}
        self._leurs = _matrice(self._cellules, self._calcul)

    def _charger(self, composante: Composante) -> None:
        self._calcul = _Programmes(self._modele, composante)
        roles = self._calcul.roles()
        cles = [roles.get(p.forme, p.forme) for p, *_ in composante.formes]
        self._vues = Vues(composante.formes, cles, self._calcul.rang, self._calcul.pas)
        self._roles = np.array([self._vues.role(cle) for cle in cles])
        # At each solution met, the cells of contributors that are as they are, and the value of each form.
        self._tenues: list[np.ndarray] = []
        self._valeurs: list[np.ndarray] = []
        self._empilees = np.empty((0, 0), np.bool_), np.empty((0, 0))
        self._nouvelle: np.ndarray | None = None

    def examiner(self) -> str | None:
        """Find the forms that some contributor knows too closely; return why it cannot be told."""
        try:
            if not self._faisable(()):
                # Producers differ, revisions contradict: what the extract says today stands alone.
                seules = [c for c in self._composante.contraintes if not c.priorite]
                self._charger(replace(self._composante, contraintes=seules))
                if not self._faisable(()):
                    return INCOMPATIBLE
            self._examiner()
        except _Impossible as impossible:
            return str(impossible)
        return None

    def _examiner(self) -> None:
        for k in self._serrees(_reunir(self._contributeurs), range(len(self._composante.formes))):
            ici = [atomes & self._atomes[k] != set() for atomes in self._atomes_de]
            ensemble = _reunir(s for s, la in zip(self._contributeurs, ici, strict=True) if not la)
            # Together they may contradict each other, and then are asked about one by one.
            tous = bool(self._serrees(ensemble, [k]))
            for siennes, la in zip(self._contributeurs, ici, strict=True):
                if (la or tous) and self._sait(siennes, k):
                    self.etroites.add(k)
                    break

    def _sait(self, siennes: Siennes, k: int) -> bool:
        """Whether the owner of these cells knows a form of others too closely."""
        dedans = bool(self._parts_de[siennes] & self._composante.formes[k][1].keys())
        if self._est_sienne(siennes, k) or not self._serrees(siennes, [k], dedans=dedans):
            return False
        if self._faisable(siennes):
            return True
        self.contredits.add(siennes)
        return False

    def _est_sienne(self, siennes: Siennes, k: int) -> bool:
        """Whether a form is made of these cells alone, and of parts of them, which are their owner's too."""
        propre, n = Elimination(self._modele.exigences.premiers[0]), self._modele.nb_atomes
        vus, pile = set[int](), [i for vecteur, _ in siennes if len(vecteur) == 1 for i, _ in vecteur]
        while pile:
            inconnue = pile.pop()
            if inconnue not in vus:
                vus.add(inconnue)
                propre.ajouter({inconnue: 1}, 0)
                pile += [part * n + inconnue % n for part in self._parts.get(inconnue // n, ())]
        for vecteur, _ in siennes:
            propre.ajouter(dict(vecteur), 0)
        return not propre.reduire(self._composante.formes[k][1])[0]

    def _faisable(self, siennes: Siennes) -> bool:
        """Whether there is a table with these cells."""
        if len(self._compatibles(siennes)):
            return True
        self._calcul.fixer(siennes)
        return self._optimiser(highspy.ObjSense.kMinimize, 0, entier=False) is not None

    def _serrees(self, siennes: Siennes, formes: Iterable[int], *, dedans: bool = True) -> list[int]:
        """Those of these forms that whoever owns these cells knows too closely.

        `dedans`: whether it may have a part of them.
        """
        vues, serrees, fixees = self._vues_par(siennes), [], False
        sues = {i for vecteur, _ in siennes if len(vecteur) == 1 for i, _ in vecteur}
        for k in formes:
            sommet = self._sommets[k][int(dedans)]
            if vues.etendue(k) >= self._voulus[k] - EPSILON and vues.haut(k) >= sommet - _CENTIEME:
                continue
            if self._composante.formes[k][1].keys() <= sues:
                serrees.append(k)
                continue
            if not fixees:
                self._calcul.fixer(siennes)
                fixees = True
            if self._serree(vues, k, sommet):
                serrees.append(k)
        return serrees

    def _serree(self, vues: "_Etendues", k: int, sommet: float) -> bool:
        """Whether one form has values too close, by programs in real numbers, then in whole ones.

        `sommet`: how high it must be able to be.
        """
        voulu, (protegee, _, somme) = self._voulus[k] - EPSILON, self._composante.formes[k]
        for entier in (False, True) if self._calcul.comptes else (False,):
            valeurs: list[float] = []
            for sens in (highspy.ObjSense.kMaximize, highspy.ObjSense.kMinimize):
                valeur = self._optimiser(sens, k, entier=entier)
                if valeur is None or (not valeurs and valeur < sommet - _CENTIEME):
                    return True
                valeurs.append(valeur)
                if self._nouvelle is not None:
                    vues.voir(self._nouvelle)
                    if vues.etendue(k) >= voulu:
                        return False
            if valeurs[0] - valeurs[1] < voulu:
                return not (protegee.forme in self._modele.zeros_admis and valeurs[0] + somme < EPSILON)
            if math.isinf(valeurs[0] - valeurs[1]):
                return False
        return False

    def _optimiser(self, sens: highspy.ObjSense, k: int, *, entier: bool) -> float | None:
        """The best value of a form, its solution kept where it is in whole numbers; None without any."""
        vecteur = self._composante.formes[k][1]
        rangs = np.array([self._calcul.rang[i] for i in vecteur], dtype=np.int32)
        couts = np.array(list(vecteur.values()), dtype=float) * self._calcul.pas[rangs]
        self._calcul.solution = self._nouvelle = None
        valeur, motif = self._calcul.optimiser(sens, rangs, couts, entier=entier)
        if motif == INCOMPATIBLE:
            return None
        if motif:
            raise _Impossible(motif)
        if (solution := self._calcul.solution) is not None:
            entiere = np.round(solution) if self._calcul.comptes else solution
            if np.abs(entiere - solution).max(initial=0) < EPSILON:
                self._nouvelle = self._vues.valeurs(entiere)
                self._tenues.append(np.abs(self._leurs[0] @ entiere - self._leurs[1]) < EPSILON)
                self._valeurs.append(self._nouvelle)
        return valeur

    def _vues_par(self, siennes: Siennes) -> "_Etendues":
        """The values of forms at the solutions that have these cells as they are."""
        atomes = {i % self._modele.nb_atomes for vecteur, _ in siennes for i, _ in vecteur}
        leurs = [k for a in sorted(atomes) for k in self._formes_de.get(a, ())]
        vues = _Etendues(self._roles, leurs)
        if len(valeurs := self._compatibles(siennes)):
            vues.voir(valeurs.min(axis=0))
            vues.voir(valeurs.max(axis=0))
        return vues

    def _compatibles(self, siennes: Siennes) -> np.ndarray:
        """The values of forms at the solutions met so far that have these cells as they are, one a line."""
        if len(self._empilees[0]) < len(self._tenues):
            self._empilees = np.array(self._tenues), np.array(self._valeurs)
        tenues, valeurs = self._empilees
        if not len(tenues):
            return valeurs
        return valeurs[tenues[:, [self._cellules[sienne] for sienne in siennes]].all(axis=1)]


class _Etendues:
    """The smallest and largest value of each form at some solutions.

    Two communes that play the same part may be exchanged in each; not those of `leurs`, forms of the owner's.
    """

    def __init__(self, roles: npt.NDArray[np.int64], leurs: Sequence[int]) -> None:
        self._roles = roles
        self._autres = np.ones(len(roles), np.bool_)
        self._autres[leurs] = False
        self._bas, self._haut = np.full(len(roles), np.inf), np.full(len(roles), -np.inf)
        self._bas_du_role, self._haut_du_role = self._bas.copy(), self._haut.copy()

    def voir(self, valeurs: np.ndarray) -> None:
        """Take note of the values of the forms at a solution."""
        np.minimum(self._bas, valeurs, out=self._bas)
        np.maximum(self._haut, valeurs, out=self._haut)
        np.minimum.at(self._bas_du_role, self._roles[self._autres], valeurs[self._autres])
        np.maximum.at(self._haut_du_role, self._roles[self._autres], valeurs[self._autres])

    def haut(self, k: int) -> float:
        """The largest value of a form."""
        return float(self._haut_du_role[self._roles[k]] if self._autres[k] else self._haut[k])

    def etendue(self, k: int) -> float:
        """How far apart the values of a form are; less than nothing before the first solution."""
        if self._autres[k]:
            return float(self._haut_du_role[self._roles[k]] - self._bas_du_role[self._roles[k]])
        return float(self._haut[k] - self._bas[k])


def _reunir(contributeurs: Iterable[Siennes]) -> Siennes:
    """What contributors know together."""
    return tuple(dict.fromkeys(sienne for siennes in contributeurs for sienne in siennes))


def _matrice(siennes: Iterable[Sienne], calcul: Calcul) -> tuple[csr_array, np.ndarray]:
    """What each of these cells is at a solution in steps, as a matrix, and what its owner knows it to be."""
    siennes = list(siennes)
    rangs = np.array([calcul.rang[i] for vecteur, _ in siennes for i, _ in vecteur], np.int32)
    coefficients = np.array([c for vecteur, _ in siennes for _, c in vecteur], float) * calcul.pas[rangs]
    debuts = np.cumsum([0, *(len(vecteur) for vecteur, _ in siennes)])
    forme = len(siennes), len(calcul.rang)
    return csr_array((coefficients, rangs, debuts), shape=forme), np.array([v for _, v in siennes], float)


class _Programmes(Calcul):
    """The programs of a component, some cells of which are what their owner knows.

    A cell of one unknown is the bounds of that unknown, so that the solver goes on from where it was; any
    other is a row.
    """

    def __init__(self, modele: Modele, composante: Composante) -> None:
        super().__init__(modele, composante)
        self._siennes: Siennes = ()
        # Those of more than one unknown that the linear programs have as rows.
        self._posees: Siennes = ()
        self.solution: np.ndarray | None = None
        self.comptes = not modele.blocs_de_montants & {i // modele.nb_atomes for i in composante.inconnues}

    def fixer(self, siennes: Siennes) -> None:
        """Take these cells, and no other, for what they are."""
        solveur, nombre = self.programme(entier=False), len(self.rang)
        bas, haut = self.bas / self.pas, self.haut / self.pas
        haut = np.maximum(bas, haut)
        autres: list[Sienne] = []
        for sienne in siennes:
            vecteur, valeur = sienne
            inconnue, coefficient = vecteur[0]
            k = self.rang[inconnue]
            seule = valeur / (coefficient * self.pas[k])
            # What the bounds do not allow is a row, and no table has it.
            if len(vecteur) == 1 and bas[k] - _PRES <= seule <= haut[k] + _PRES:
                bas[k] = haut[k] = seule
            else:
                autres.append(sienne)
        solveur.changeColsBounds(nombre, np.arange(nombre, dtype=np.int32), bas, haut)
        self._siennes = siennes
        if self._posees != (posees := tuple(autres)):
            if self._posees:
                rangs = np.arange(len(self.lignes), solveur.getNumRow(), dtype=np.int32)
                solveur.deleteRows(len(rangs), rangs)
            self._poser(solveur, posees)
            self._posees = posees

    def _poser(self, solveur: highspy.Highs, siennes: Siennes) -> None:
        """Add these cells to a program, a row each."""
        matrice, valeurs = _matrice(siennes, self)
        valeurs = valeurs / ECHELLE
        debuts, rangs = (x.astype(np.int32) for x in (matrice.indptr[:-1], matrice.indices))
        solveur.addRows(len(valeurs), valeurs, valeurs, len(rangs), debuts, rangs, matrice.data / ECHELLE)

    def programme(self, entier: bool) -> highspy.Highs:
        """The solver, which whole numbers need anew."""
        solveur = super().programme(entier)
        if entier:
            self._poser(solveur, self._siennes)
        return solveur

    def noter(self, solution: np.ndarray) -> None:
        """Keep the last solution, in steps."""
        self.solution = solution
