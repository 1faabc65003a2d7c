"""What is left to a lone contributor: the programs of `bornes.py`, with its own cells for what they are.

Belongs here: for each contributor, which protected forms it knows too closely. Does not: what combinations of
printed figures alone tell it (`exactitude.py`), what is said of a finding (`controles/contributeur.py`).

    Communes A 3, B 1 and C 1 in an EPCI of 5, all hidden; the 3 of A are one foyer's
        outside, B may be 1 to 3
        to the foyer of A, B + C = 2 with both at least 1: B is 1, and so is C

A form is known too closely when fewer than `alternatives_min` whole numbers remain. A solution says that two
numbers remain as soon as two communes that play the same part (`bornes.py`) have different ones, for they may
be exchanged; and a solution found for one contributor serves all those whose cells it leaves as they are.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import highspy
import numpy as np
import numpy.typing as npt

from confidentialite.preuve.bornes import EPSILON, INCOMPATIBLE, Calcul, Vues, ecrire_cache, lire_cache
from confidentialite.preuve.composantes import Composante, Contrainte, decouper, empreinte, pas
from confidentialite.preuve.elimination import Elimination
from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import ECHELLE, Forme, Modele, Protegee

Siennes = tuple[tuple[tuple[tuple[int, int], ...], int], ...]
"""The cells of a contributor in one component: unknowns with coefficients, what they make in hundredths."""


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
) -> Restes:
    """Find the protected forms that the owner of the cells of one group knows too closely.

    `propres`: the figure of each of these cells, in hundredths. `cache`: a file of what was found in the
    components of the last audit, written anew with those of this one.
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
        siennes = {
            tuple(
                (tuple(sorted(v.items())), propres[f] - somme)
                for f in groupes[rang]
                for v, somme in (vecteurs[f],)
                if v and v.keys() <= inconnues
            ): None
            for rang in proches
        }
        siennes.pop((), None)
        cle = _empreinte(modele, composante, siennes)
        lus = connus.get(cle)
        if lus is None:
            examen = _Examen(modele, composante)
            for sienne in siennes:
                examen.examiner(sienne)
            if examen.motif:
                restes.echecs.extend((p, examen.motif) for p, *_ in composante.formes)
                continue
            lus = [[float(k) for k in sorted(examen.etroites)], [float(examen.contredits)]]
        vus[cle] = lus
        restes.etroites += [composante.formes[int(k or 0)][0] for k in lus[0]]
        restes.contredits += int(lus[1][0] or 0)
    if vus:
        ecrire_cache(cache, vus)
    return restes


def _empreinte(modele: Modele, composante: Composante, siennes: Iterable[Siennes]) -> str:
    """SHA-256 of a component with what its contributors know of it."""
    noms, atomes, n = list(modele.blocs), list(modele.geographie.atomes), modele.nb_atomes
    sues = sorted(
        [[[*noms[i // n], atomes[i % n], c] for i, c in vecteur], valeur]
        for s in siennes
        for vecteur, valeur in s
    )
    texte = json.dumps([empreinte(modele, composante), sues])
    return hashlib.sha256(texte.encode()).hexdigest()


class _Examen:
    """One component, contributor after contributor, and the whole solutions met so far."""

    def __init__(self, modele: Modele, composante: Composante) -> None:
        self._modele, self._composante = modele, composante
        calcul = Calcul(modele, composante)
        self._rang, self._pas = calcul.rang, calcul.pas
        roles = calcul.roles()
        cles = [roles.get(p.forme, p.forme) for p, *_ in composante.formes]
        self._vues = Vues(composante.formes, cles, calcul.rang, calcul.pas)
        self._roles = np.array([self._vues.role(cle) for cle in cles])
        self._voulus = np.array([voulu(modele, p) for p, *_ in composante.formes])
        self._formes_de: dict[int, list[int]] = {}
        for k, (_, vecteur, _) in enumerate(composante.formes):
            for atome in {i % modele.nb_atomes for i in vecteur}:
                self._formes_de.setdefault(atome, []).append(k)
        # Solutions in steps, and the value of each form at them in hundredths.
        self.solutions = np.empty((0, len(self._rang)))
        self._valeurs = np.empty((0, len(composante.formes)))
        self.etroites: set[int] = set()
        self.contredits = 0
        self.motif: str | None = None

    def retenir(self, solution: np.ndarray) -> None:
        """Keep a solution in whole numbers."""
        self.solutions = np.vstack([self.solutions, solution])
        self._valeurs = np.vstack([self._valeurs, self._vues.valeurs(solution)])

    def compatibles(self, siennes: Siennes) -> npt.NDArray[np.bool_]:
        """Which solutions have these cells as they are."""
        bonnes = np.ones(len(self.solutions), np.bool_)
        for vecteur, valeur in siennes:
            rangs = [self._rang[i] for i, _ in vecteur]
            pas_ = self._pas[rangs] * np.array([c for _, c in vecteur])
            bonnes &= np.abs(self.solutions[:, rangs] @ pas_ - valeur) < EPSILON
        return bonnes

    def examiner(self, siennes: Siennes) -> None:
        """Add the forms that the owner of these cells knows too closely."""
        propre = Elimination(self._modele.exigences.premiers[0])
        for vecteur, _ in siennes:
            propre.ajouter(dict(vecteur), 0)
        formes = [
            (k, self._composante.formes[k])
            for k in self._douteuses(siennes)
            if k not in self.etroites and propre.reduire(self._composante.formes[k][1])[0]
        ]
        if not formes:
            return
        contraintes = [Contrainte(dict(v), float(s), float(s), 0) for v, s in siennes]
        for toutes in (True, False):
            # Producers differ, revisions contradict: what the extract says today stands alone.
            retenues = [c for c in self._composante.contraintes if toutes or not c.priorite]
            calcul = _AvecLesSiennes(
                self._modele,
                replace(self._composante, contraintes=retenues + contraintes, formes=[f for _, f in formes]),
                self,
                siennes,
            )
            trouvees, motif = calcul.etroites()
            if motif != INCOMPATIBLE:
                break
        else:
            self.contredits += 1
            return
        self.motif = self.motif or motif
        self.etroites.update(formes[k][0] for k in trouvees)

    def _douteuses(self, siennes: Siennes) -> list[int]:
        """The forms to which the solutions that the owner of these cells cannot tell apart give one value.

        Two communes that play the same part may be exchanged in each, unless one of them is the owner's.
        """
        valeurs = self._valeurs[self.compatibles(siennes)]
        if not len(valeurs):
            return list(range(len(self._composante.formes)))
        bas, haut = valeurs.min(axis=0), valeurs.max(axis=0)
        atomes = {i % self._modele.nb_atomes for vecteur, _ in siennes for i, _ in vecteur}
        autres = np.ones(len(bas), np.bool_)
        autres[[k for a in atomes for k in self._formes_de.get(a, ())]] = False
        bas_du_role, haut_du_role = np.full(len(bas), np.inf), np.full(len(bas), -np.inf)
        np.minimum.at(bas_du_role, self._roles[autres], bas[autres])
        np.maximum.at(haut_du_role, self._roles[autres], haut[autres])
        etendues = haut - bas
        etendues[autres] = (haut_du_role - bas_du_role)[self._roles[autres]]
        return np.flatnonzero(etendues < self._voulus - EPSILON).tolist()


def voulu(modele: Modele, protegee: Protegee) -> float:
    """How far apart two values of a form must be, in hundredths, for enough of them to remain."""
    return (modele.exigences.alternatives_min - 1) * pas(modele, protegee.forme) * ECHELLE


class _AvecLesSiennes(Calcul):
    """The programs of a component for the owner of some of its cells."""

    def __init__(self, modele: Modele, composante: Composante, examen: _Examen, siennes: Siennes) -> None:
        super().__init__(modele, composante)
        self._examen = examen
        self._comptes = not set(modele.blocs_de_montants) & {
            i // modele.nb_atomes for i in composante.inconnues
        }
        self._siennes = siennes

    def etroites(self) -> tuple[list[int], str | None]:
        """Return the ranks of the forms that are known too closely, or why it cannot be told."""
        if np.any(self.bas > self.haut + EPSILON):
            return [], INCOMPATIBLE
        modele, formes = self.modele, self.composante.formes
        roles = self.roles()
        cles = [roles.get(p.forme, p.forme) for p, *_ in formes]
        self.vues = Vues(formes, cles, self.rang, self.pas)
        for solution in self._examen.solutions[self._examen.compatibles(self._siennes)]:
            self.vues.voir(solution)
        trouvees: dict[object, bool] = {}
        for (protegee, vecteur, somme), cle in zip(formes, cles, strict=True):
            if cle in trouvees:
                continue
            haut, motif = self._serree(vecteur, self.vues.role(cle), voulu(modele, protegee))
            if motif:
                return [], motif
            nulle = protegee.forme in modele.zeros_admis and haut is not None and haut + somme < EPSILON
            trouvees[cle] = haut is not None and not nulle
        return [k for k, cle in enumerate(cles) if trouvees[cle]], None

    def _serree(self, vecteur: dict[int, int], role: int, ecart: float) -> tuple[float | None, str | None]:
        """Return the largest value of a form whose values are less than `ecart` apart, and why it failed.

        None where they are further apart. Real numbers reach further than whole ones: these are asked for
        only where the former are wide enough and no whole solution was met.
        """
        rangs = np.array([self.rang[i] for i in vecteur], dtype=np.int32)
        couts = np.array(list(vecteur.values()), dtype=float) * self.pas[rangs]
        for entier in (False, True) if self._comptes else (False,):
            valeurs = []
            for sens in (highspy.ObjSense.kMaximize, highspy.ObjSense.kMinimize):
                bas, haut = (float(e[role]) for e in self.vues.extremes)
                if haut - bas >= ecart - EPSILON:
                    return None, None
                valeur, motif = self.optimiser(sens, rangs, couts, entier=entier)
                if motif:
                    return None, motif
                valeurs.append(valeur)
            if valeurs[0] - valeurs[1] < ecart - EPSILON:
                return valeurs[0], None
            if math.isinf(valeurs[0] - valeurs[1]):
                return None, None
        return None, None

    def noter(self, solution: np.ndarray) -> None:
        """Take note of a solution in whole numbers; of amounts, of any."""
        if self._comptes:
            entiere = np.round(solution)
            if np.abs(entiere - solution).max(initial=0) > EPSILON:
                return
            solution = entiere
            self._examen.retenir(solution)
        self.vues.voir(solution)
