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
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

Vecteur = dict[int, int]
Cle = tuple[int, ...]
# One more than the cells the foyer of a commune may own in one system: the mesures of a total.
_FONCTIONNELLES = 6
# The functionals of a cell stand side by side in one integer: a sum of 2^32 products of two numbers below 2^31
# overflows none of them.
_LARGEUR = 96
_MASQUE = (1 << _LARGEUR) - 1


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
    def sensible(self) -> bool:
        """Whether it must stay unknown even to the contributors of other formes."""
        return self.protegee and not self.publique

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
    """The span of what is published, in reduced form, and the remainders of the formes that are watched.

    Watched formes whose remainders are proportional are found by a key: quotients of linear functionals
    with fixed pseudo-random coefficients. Proportional remainders always have the same key; others have not,
    but for one chance in 2^155 at most, which would hide one cell too many. A functional follows its vector
    at the cost of one product, however long the vector. The same functionals tell whether what several lone
    contributors own, taken together, spans a protected remainder.
    """

    def __init__(self, premier: int, rang: Callable[[int], tuple[Any, ...]]) -> None:
        """`rang` orders inner cells: the last one of a vector is its pivot.

        The cell whose own forme is considered last, or never, makes the best pivot: the vectors of the other
        cells then stay as short as they are.
        """
        self._p = premier
        self._rang = rang
        self._poids: dict[int, int] = {}
        self._base: dict[int, tuple[Vecteur, list[int]]] = {}
        self._dans_base: dict[int, set[int]] = defaultdict(set)
        self._surveillees: list[Forme] = []
        self._d_origine: list[list[int]] = []
        self._groupes: list[list[int]] = []
        self._groupes_de: dict[int, set[int]] = defaultdict(set)
        self._propres: dict[tuple[int, int], bool] = {}
        self._restes: list[tuple[Vecteur, list[int]]] = []
        self._dans_restes: dict[int, set[int]] = defaultdict(set)
        self._cles: list[Cle] = []
        self._classes: dict[Cle, set[int]] = defaultdict(set)

    def reste(self, vecteur: Vecteur) -> Vecteur:
        """Remainder of a vector modulo what is published."""
        reste = {c: v % self._p for c, v in vecteur.items()}
        for pivot in vecteur:
            if pivot in self._base:
                _ajouter(reste, self._base[pivot][0], -vecteur[pivot], self._p)
        return reste

    def implique(self, vecteur: Vecteur) -> bool:
        """Whether a vector can be computed from what is published."""
        return not self.reste(vecteur)

    def surveiller(self, forme: Forme) -> None:
        """Watch a forme, because it is hidden or because its lone contributor knows it."""
        i, reste = len(self._restes), self.reste(forme.vecteur)
        valeurs = self._evaluer(reste)
        self._surveillees.append(forme)
        self._d_origine.append(self._evaluer(forme.vecteur))
        self._restes.append((reste, valeurs))
        self._cles.append(self._cle(valeurs))
        self._classes[self._cles[i]].add(i)
        for cellule in reste:
            self._dans_restes[cellule].add(i)

    def reunir(self, formes: list[Forme]) -> None:
        """Take watched formes for those of one contributor."""
        rangs = {id(f): i for i, f in enumerate(self._surveillees)}
        for i in (groupe := [rangs[id(f)] for f in formes]):
            self._groupes_de[i].add(len(self._groupes))
        self._groupes.append(groupe)

    def publier(self, vecteur: Vecteur, *, singletons: bool, forcer: bool = False) -> bool:
        """Add a vector to what is published, unless that gives a hidden forme away. True when published.

        With `forcer`, it is added whatever it gives away.
        """
        reste = self.reste(vecteur)
        if not reste:
            return True
        valeurs = self._evaluer(reste)
        memes = self._classes.get(self._cle(valeurs), ())
        if not forcer and any(self._surveillees[i].cachee for i in memes):
            return False
        p, pivot = self._p, max(reste, key=self._rang)
        inverse = pow(reste[pivot], -1, p)
        vecteur_base = {c: v * inverse % p for c, v in reste.items()}
        valeurs = [v * inverse % p for v in valeurs]
        touchees = {i: self._restes[i][0][pivot] for i in self._dans_restes.get(pivot, ())}
        nouvelles = {
            i: [(a - facteur * b) % p for a, b in zip(self._restes[i][1], valeurs, strict=True)]
            for i, facteur in touchees.items()
        }
        cles = {i: self._cle(v) for i, v in nouvelles.items()}
        # What the new vector does not touch tells no more than it did.
        if singletons and not forcer and touchees:
            if self._trahies_par_un_seul(cles):
                return False
            if self._groupes and self._trahies_par_un_groupe(nouvelles, vecteur_base, touchees):
                return False
        for i, facteur in touchees.items():
            _soustraire(self._restes[i], (vecteur_base, valeurs), facteur, p, self._dans_restes, i)
            self._classes[self._cles[i]].discard(i)
            self._cles[i] = cles[i]
            self._classes[cles[i]].add(i)
        for autre in list(self._dans_base.get(pivot, ())):
            ancien = self._base[autre]
            _soustraire(ancien, (vecteur_base, valeurs), ancien[0][pivot], p, self._dans_base, autre)
        self._base[pivot] = vecteur_base, valeurs
        for cellule in vecteur_base:
            self._dans_base[cellule].add(pivot)
        return True

    def trahies(self) -> list[Forme]:
        """Hidden formes that can be computed from what is published."""
        return [f for f, (r, _) in zip(self._surveillees, self._restes, strict=True) if f.cachee and not r]

    def a_la_portee_d_un_seul(self) -> list[Forme]:
        """Protected formes that the lone contributor of another forme can compute."""
        return [
            self._surveillees[i]
            for cle, membres in self._classes.items()
            for i in membres
            if cle and self._surveillees[i].sensible and self._complice(i, membres)
        ]

    def _complice(self, i: int, membres: Iterable[int]) -> bool:
        return any(
            self._surveillees[j].seule and self._cle(self._d_origine[j]) != self._cle(self._d_origine[i])
            for j in membres
        )

    def _trahies_par_un_seul(self, nouvelles: dict[int, Cle]) -> bool:
        par_cle: dict[Cle, set[int]] = defaultdict(set)
        for i, cle in nouvelles.items():
            par_cle[cle].add(i)
        for cle, membres in par_cle.items():
            tous = membres | {i for i in self._classes.get(cle, ()) if i not in nouvelles}
            if len(tous) > 1 and any(self._surveillees[i].sensible and self._complice(i, tous) for i in tous):
                return True
        return False

    def _trahies_par_un_groupe(
        self, nouvelles: dict[int, list[int]], ajoutees: Vecteur, facteurs: dict[int, int]
    ) -> bool:
        """Whether new remainders let the owner of a group compute a protected forme, not by its own alone.

        `ajoutees`: the new vector; the remainders it touches lose `facteurs` times it.
        """

        def reste(k: int) -> Vecteur:
            nouveau = dict(self._restes[k][0])
            if k in facteurs:
                _ajouter(nouveau, ajoutees, -facteurs[k], self._p)
            return nouveau

        def petit(membres: Iterable[int]) -> _Petit:
            return _Petit(self._p, [nouvelles.get(m, self._restes[m][1]) for m in membres])

        petits: dict[int, _Petit] = {}
        for g, i in self._a_examiner(ajoutees):
            if self._est_propre(g, i):
                continue
            proches = self._groupes[g]
            if len(proches) < _FONCTIONNELLES:
                siennes = petits.get(g) or petits.setdefault(g, petit(proches))
                trahie = siennes.contient(nouvelles.get(i, self._restes[i][1]))
            else:
                restes = {m: self._restes[m][0] for m in proches}
                proches = _proches(restes, ajoutees.keys() | self._restes[i][0].keys())
                if len(proches) < _FONCTIONNELLES:
                    trahie = petit(proches).contient(nouvelles.get(i, self._restes[i][1]))
                else:
                    trahie = _engendre(self._p, map(reste, proches), reste(i))
            if trahie:
                return True
        return False

    def _a_examiner(self, ajoutees: Vecteur) -> Iterator[tuple[int, int]]:
        """Groups, and protected formes that a new vector could put in their reach.

        It does so only as a part of a combination of the forme and the cells of the group that is empty:
        each of its cells is in their remainders, and each other cell of the forme's is in the group's.
        """
        cellules = ajoutees.keys()
        rare = min(cellules, key=lambda c: len(self._dans_restes.get(c, ())))
        tenues: dict[int, set[int]] = {}

        def tenues_par(g: int) -> set[int]:
            if g not in tenues:
                tenues[g] = set().union(*(self._restes[m][0] for m in self._groupes[g]))
            return tenues[g]

        def autour(voulues: Iterable[int]) -> set[int]:
            return set().union(*(self._dans_restes.get(c, ()) for c in voulues))

        def sensibles(formes: Iterable[int]) -> Iterator[int]:
            return (i for i in formes if self._surveillees[i].sensible)

        def groupes(formes: Iterable[int]) -> set[int]:
            return set().union(*(self._groupes_de.get(i, ()) for i in formes))

        porteuses = self._dans_restes.get(rare, set())
        premiers = groupes(porteuses)
        for g in premiers:
            manquantes = cellules - tenues_par(g)
            for i in sensibles(autour(list(manquantes)[:1] or tenues_par(g))):
                reste = self._restes[i][0].keys()
                if manquantes <= reste and reste - cellules <= tenues_par(g):
                    yield g, i
        for i in sensibles(porteuses):
            reste = self._restes[i][0].keys()
            manquantes = cellules - reste
            for g in groupes(autour(list(manquantes)[:1] or reste)) - premiers:
                if manquantes <= tenues_par(g) and reste - cellules <= tenues_par(g):
                    yield g, i

    def _est_propre(self, g: int, i: int) -> bool:
        """Whether a forme is made of the cells of a group alone."""
        if (g, i) not in self._propres:
            vecteur = self._surveillees[i].vecteur
            siens = {m: self._surveillees[m].vecteur for m in self._groupes[g]}
            proches = _proches(siens, vecteur.keys())
            self._propres[g, i] = _engendre(self._p, (siens[m] for m in proches), vecteur)
        return self._propres[g, i]

    def _evaluer(self, vecteur: Vecteur) -> list[int]:
        p, poids, somme = self._p, self._poids, 0
        for cellule, coefficient in vecteur.items():
            siens = poids.get(cellule)
            if siens is None:
                siens = poids[cellule] = sum(
                    (_melanger(_FONCTIONNELLES * cellule + j) % p) << (_LARGEUR * j)
                    for j in range(_FONCTIONNELLES)
                )
            somme += coefficient % p * siens
        return [(somme >> (_LARGEUR * j) & _MASQUE) % p for j in range(_FONCTIONNELLES)]

    def _cle(self, valeurs: list[int]) -> Cle:
        """Name of the line a vector is on; empty for the zero vector."""
        for j, valeur in enumerate(valeurs):
            if valeur:
                inverse = pow(valeur, -1, self._p)
                return (j, *(v * inverse % self._p for v in valeurs[j + 1 :]))
        return ()


def _proches(vecteurs: Mapping[int, Vecteur], cellules: Set[int]) -> list[int]:
    """Names of the vectors that share a cell with `cellules`, or with one that does."""
    atteintes, restants, proches = set(cellules), dict(vecteurs), list[int]()
    while voisins := [k for k, v in restants.items() if not atteintes.isdisjoint(v)]:
        proches += voisins
        for k in voisins:
            atteintes |= restants.pop(k).keys()
    return proches


def _engendre(p: int, vecteurs: Iterable[Vecteur], cible: Vecteur) -> bool:
    """Whether a vector is a combination of others, modulo a prime."""
    base: dict[int, Vecteur] = {}

    def reduire(vecteur: Vecteur) -> Vecteur:
        reste = {c: v % p for c, v in vecteur.items()}
        # A vector of the base holds no pivot of those before it, so that this ends.
        while (pivot := next((c for c in reste if c in base), None)) is not None:
            _ajouter(reste, base[pivot], -reste[pivot], p)
        return reste

    for vecteur in vecteurs:
        if reste := reduire(vecteur):
            pivot = min(reste)
            inverse = pow(reste[pivot], -1, p)
            base[pivot] = {c: v * inverse % p for c, v in reste.items()}
    return not reduire(cible)


class _Petit:
    """The span of a few short vectors modulo a prime."""

    def __init__(self, p: int, vecteurs: Iterable[list[int]]) -> None:
        self._p = p
        self._base: list[tuple[int, list[int]]] = []
        for vecteur in vecteurs:
            reste = self._reduire(vecteur)
            pivot = next((j for j, v in enumerate(reste) if v), None)
            if pivot is not None:
                inverse = pow(reste[pivot], -1, p)
                self._base.append((pivot, [v * inverse % p for v in reste]))

    def contient(self, vecteur: list[int]) -> bool:
        return not any(self._reduire(vecteur))

    def _reduire(self, vecteur: list[int]) -> list[int]:
        for pivot, base in self._base:
            if facteur := vecteur[pivot]:
                vecteur = [(a - facteur * b) % self._p for a, b in zip(vecteur, base, strict=True)]
        return vecteur


def _soustraire(
    cible: tuple[Vecteur, list[int]],
    autre: tuple[Vecteur, list[int]],
    facteur: int,
    p: int,
    index: dict[int, set[int]],
    nom: int,
) -> None:
    """cible -= facteur × autre, vector and functionals, and the index of who holds which cell."""
    apparues, disparues = _ajouter(cible[0], autre[0], -facteur, p)
    for cellule in disparues:
        index[cellule].discard(nom)
    for cellule in apparues:
        index[cellule].add(nom)
    for j, valeur in enumerate(autre[1]):
        cible[1][j] = (cible[1][j] - facteur * valeur) % p


def _melanger(graine: int) -> int:
    """A well-spread 64-bit number for each small one (splitmix64), the same on every machine."""
    z = (graine + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return z ^ z >> 31


def _ajouter(cible: Vecteur, autre: Vecteur, facteur: int, p: int) -> tuple[list[int], list[int]]:
    """cible += facteur × autre, in place, without zeros; the cells that appeared and those that went."""
    apparues, disparues = [], []
    for c, v in autre.items():
        avant = cible.get(c, 0)
        somme = (avant + facteur * v) % p
        if somme:
            cible[c] = somme
            if not avant:
                apparues.append(c)
        elif avant:
            del cible[c]
            disparues.append(c)
    return apparues, disparues


def eliminer(
    formes: list[Forme], premier: int, defenses: Defenses = TOUTES, groupes: Iterable[list[Forme]] = ()
) -> Espace:
    """Decide `publiee` for every forme of one system, in their order; return the space they span.

    `groupes`: formes with one contributor each, who may be the same person.

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
    if defenses.singletons:
        for groupe in groupes:
            espace.reunir(groupe)
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
