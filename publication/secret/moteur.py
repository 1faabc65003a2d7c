"""Secondary suppression: which formes to hide so that no protected one can be computed from those shown.

Belongs here: exact elimination over GF(p) on one linear system, and the singleton rule. Does not: where
formes come from (`systeme.py`), which are primary (`primaire.py`), intervals (`bornes.py`).

A forme is a sparse vector over the inner cells (`{cell: coefficient}`). What is published spans a space; a
protected forme in that space can be computed exactly. The basis of the space is kept in reduced form, so
that the remainder of a forme modulo the space is unique: it is empty when the forme is implied, and two
formes whose remainders are proportional give each other away. Numbers are integers modulo a prime: no
tolerance, no rounding.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Vecteur = dict[int, int]
Cle = tuple[tuple[int, int], ...]


@dataclass(slots=True, eq=False)
class Forme:
    """One cell that readers may see, or one that must not be computed.

    `vecteur`: coefficients (±1) over the inner cells that are not zero. `ordre`: formes are published in
    this order. `montree`: some row would show it. `publique`: its producer publishes it. `forcee`: it is
    known outside already, in an earlier release or as `publique`, and cannot be taken back. `protegee`: it
    must not be computed. `retenue`: it stays hidden although nothing in itself requires it. `seule`: it has
    one contributor, who knows it.
    """

    vecteur: Vecteur
    ordre: tuple[Any, ...]
    montree: bool = False
    publique: bool = False
    forcee: bool = False
    protegee: bool = False
    retenue: bool = False
    seule: bool = False
    publiee: bool = field(default=False, init=False)

    @property
    def cachee(self) -> bool:
        """Whether readers are owed the proof that they cannot compute it."""
        return (self.protegee or self.retenue) and not self.publique


@dataclass(frozen=True)
class Defenses:
    """Which defences are on. All of them, except in the tests and benches that show what each one is for."""

    secondaires: bool = True
    singletons: bool = True
    fermeture: bool = True
    forcees: bool = True
    bornes: bool = True


TOUTES = Defenses()


class DejaDivulguees(Exception):
    """Formes that what is known outside gives away, whatever is hidden now."""

    def __init__(self, formes: list[Forme]) -> None:
        """Keep the formes; the message says how many."""
        self.formes = formes
        super().__init__(f"{len(formes)} protected formes are implied by what was already released")


class Espace:
    """The span of what is published, in reduced form, and the remainders of the formes that are watched."""

    def __init__(self, premier: int, colonnes_tardives: Callable[[int], tuple[Any, ...]]) -> None:
        """`colonnes_tardives` ranks inner cells: the last one of a vector is its pivot.

        The cell whose own forme is considered last, or never, makes the best pivot: the vectors of the
        other cells then stay as short as they are.
        """
        self._p = premier
        self._rang = colonnes_tardives
        self._base: dict[int, Vecteur] = {}
        self._dans_base: dict[int, set[int]] = {}
        self._restes: list[Vecteur] = []
        self._dans_restes: dict[int, set[int]] = {}
        self._cles: list[Cle] = []
        self._classes: dict[Cle, set[int]] = {}
        self._surveillees: list[Forme] = []
        self._d_origine: list[Cle] = []

    def reste(self, vecteur: Vecteur) -> Vecteur:
        """Remainder of a vector modulo what is published."""
        p, base = self._p, self._base
        reste = {c: v % p for c, v in vecteur.items()}
        for pivot in [c for c in vecteur if c in base]:
            _ajouter(reste, base[pivot], -vecteur[pivot], p)
        return reste

    def cle(self, reste: Vecteur) -> Cle:
        """Name of the line a remainder is on: equal for proportional remainders."""
        if not reste:
            return ()
        premiere = min(reste)
        facteur = pow(reste[premiere], -1, self._p)
        return tuple(sorted((c, v * facteur % self._p) for c, v in reste.items()))

    def surveiller(self, forme: Forme) -> bool:
        """Watch a forme (protected, or known to its lone contributor); False when it is implied already."""
        reste = self.reste(forme.vecteur)
        i = len(self._restes)
        self._surveillees.append(forme)
        self._restes.append(reste)
        self._d_origine.append(self.cle({c: v % self._p for c, v in forme.vecteur.items()}))
        cle = self.cle(reste)
        self._cles.append(cle)
        self._classes.setdefault(cle, set()).add(i)
        for cellule in reste:
            self._dans_restes.setdefault(cellule, set()).add(i)
        return bool(reste)

    def publier(self, vecteur: Vecteur, *, singletons: bool, forcer: bool = False) -> bool:
        """Add a vector to what is published, unless that gives a hidden forme away. True when published.

        With `forcer`, it is added whatever it gives away.
        """
        reste = self.reste(vecteur)
        if not reste:
            return True
        cle = self.cle(reste)
        if not forcer and any(self._surveillees[i].cachee for i in self._classes.get(cle, ())):
            return False
        pivot = max(reste, key=self._rang)
        facteur = pow(reste[pivot], -1, self._p)
        vecteur_base = {c: v * facteur % self._p for c, v in reste.items()}
        touchees = self._dans_restes.get(pivot, set())
        nouveaux: dict[int, tuple[Vecteur, Cle]] = {}
        for i in touchees:
            nouveau = dict(self._restes[i])
            _ajouter(nouveau, vecteur_base, -nouveau[pivot], self._p)
            nouveaux[i] = nouveau, self.cle(nouveau)
        if singletons and not forcer and self._trahies_par_un_seul(nouveaux):
            return False
        for i, (nouveau, nouvelle_cle) in nouveaux.items():
            self._remplacer(i, nouveau, nouvelle_cle)
        for autre in list(self._dans_base.get(pivot, ())):
            ancien = self._base[autre]
            avant = set(ancien)
            _ajouter(ancien, vecteur_base, -ancien[pivot], self._p)
            self._indexer(autre, avant, set(ancien))
        self._base[pivot] = vecteur_base
        self._indexer(pivot, set(), set(vecteur_base))
        return True

    def implique(self, vecteur: Vecteur) -> bool:
        """Whether a vector can be computed from what is published."""
        return not self.reste(vecteur)

    def trahies(self) -> list[Forme]:
        """Hidden formes that can be computed from what is published."""
        return [f for f, r in zip(self._surveillees, self._restes, strict=True) if f.cachee and not r]

    def a_la_portee_d_un_seul(self) -> list[Forme]:
        """Protected formes that the lone contributor of another forme can compute."""
        trouvees = []
        for membres in self._classes.values():
            for i in membres:
                forme = self._surveillees[i]
                if forme.cachee and self._cles[i] and self._complice(i, membres):
                    trouvees.append(forme)
        return trouvees

    def _complice(self, i: int, membres: Iterable[int]) -> bool:
        return any(
            self._surveillees[j].seule and self._d_origine[j] != self._d_origine[i] for j in membres if j != i
        )

    def _trahies_par_un_seul(self, nouveaux: dict[int, tuple[Vecteur, Cle]]) -> bool:
        par_cle: dict[Cle, set[int]] = {}
        for i, (_, cle) in nouveaux.items():
            par_cle.setdefault(cle, set()).add(i)
        for cle, membres in par_cle.items():
            tous = membres | {i for i in self._classes.get(cle, set()) if i not in nouveaux}
            if len(tous) < 2 or not any(self._surveillees[i].seule for i in tous):
                continue
            if any(self._surveillees[i].cachee and self._complice(i, tous) for i in tous):
                return True
        return False

    def _remplacer(self, i: int, nouveau: Vecteur, cle: Cle) -> None:
        for cellule in self._restes[i].keys() - nouveau.keys():
            self._dans_restes[cellule].discard(i)
        for cellule in nouveau.keys() - self._restes[i].keys():
            self._dans_restes.setdefault(cellule, set()).add(i)
        self._classes[self._cles[i]].discard(i)
        self._restes[i], self._cles[i] = nouveau, cle
        self._classes.setdefault(cle, set()).add(i)

    def _indexer(self, pivot: int, avant: set[int], apres: set[int]) -> None:
        for cellule in avant - apres:
            self._dans_base[cellule].discard(pivot)
        for cellule in apres - avant:
            self._dans_base.setdefault(cellule, set()).add(pivot)


def _ajouter(cible: Vecteur, autre: Vecteur, facteur: int, p: int) -> None:
    """cible += facteur × autre, in place, without zeros."""
    for c, v in autre.items():
        somme = (cible.get(c, 0) + facteur * v) % p
        if somme:
            cible[c] = somme
        else:
            cible.pop(c, None)


def eliminer(formes: list[Forme], premier: int, defenses: Defenses = TOUTES) -> Espace:
    """Decide `publiee` for every forme of one system, in their order; return the space they span.

    Raises `DejaDivulguees` when what was released before gives a protected forme away. A forme that is only
    `retenue` and is implied by what was released is let go, and is `forcee` from then on: hiding it protects
    nothing.
    """
    derniere: dict[int, tuple[Any, ...]] = {}
    for forme in formes:
        if len(forme.vecteur) == 1 and forme.montree and not (forme.protegee or forme.retenue):
            (cellule,) = forme.vecteur
            derniere[cellule] = max(derniere.get(cellule, ()), forme.ordre)
    espace = Espace(premier, lambda c: (derniere.get(c, (math.inf,)), c))
    for forme in formes:
        forme.publiee = False
        if forme.cachee or (forme.seule and defenses.singletons):
            espace.surveiller(forme)
    for forme in formes:
        if forme.forcee and defenses.forcees:
            espace.publier(forme.vecteur, singletons=False, forcer=True)
    trahies = espace.trahies()
    if deja := [f for f in trahies if f.protegee]:
        raise DejaDivulguees(deja)
    for forme in trahies:
        forme.retenue, forme.forcee = False, True
    for forme in sorted(formes, key=lambda f: f.ordre):
        if forme.publique:
            forme.publiee = forme.montree
        elif forme.montree and not forme.cachee:
            forme.publiee = espace.publier(
                forme.vecteur, singletons=defenses.singletons, forcer=not defenses.secondaires
            )
    return espace
