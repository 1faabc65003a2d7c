"""The space of what is published: what it implies, and who could compute what from it.

Belongs here: exact elimination over GF(p), and the rule of lone contributors. Does not: in which order formes
are published (`elimination.py`), intervals (`bornes.py`).

A forme is a sparse vector over the inner cells (`{cell: coefficient}`). What is published spans a space; a
protected forme in that space can be computed exactly. Communes A 3 and B 7, EPCI 10, A hidden: once the
EPCI {A: 1, B: 1} is published, the remainders of A and of B are opposite; to publish B would leave A a
remainder of nothing, and 10 - 7 gives it back. So B is refused.

The basis of the space is kept in reduced form, so that the remainder of a forme modulo the space is unique:
it is empty when the forme is implied, and two formes whose remainders are proportional give each other away.
Numbers are integers modulo a prime: no tolerance, no rounding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import islice
from typing import Any, Final

from confidentialite.moteur.algebre import (
    EngendreParPeu,
    ajouter,
    engendre,
    melanger,
    proches,
    reindexer,
    soustraire,
)
from confidentialite.moteur.formes import Forme, Vecteur

Droite = tuple[int, ...]
# One more than the cells the foyer of a commune may own in one system: the mesures of a total.
_FONCTIONNELLES = 6
# The functionals of a cell stand side by side in one integer: a sum of 2^32 products of two numbers below
# 2^31 overflows none of them.
_LARGEUR = 96
_MASQUE = (1 << _LARGEUR) - 1
# Cells of a vector among which one that few remainders hold is looked for.
_REGARDEES = 8
_PERSONNE: Final[set[int]] = set()
# The functionals of each cell, by prime: the same in all spaces.
_POIDS: Final[dict[int, dict[int, int]]] = defaultdict(dict)


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
        # The forme that the last vector which was refused would have given away.
        self.garde: Forme | None = None
        # Of each forme that was refused, by its id, one that it would have given away.
        self.gardes: dict[int, Forme] = {}
        # Lone contributors, by the id of their forme, for whom some forme was refused.
        self.accuses: set[int] = set()
        self._rang = rang
        self._poids = _POIDS[premier]
        self._base: dict[int, Vecteur] = {}
        self._dans_base: dict[int, set[int]] = defaultdict(set)
        self._surveillees: list[Forme] = []
        self._rangs: dict[int, int] = {}
        self._protegees: set[int] = set()
        self._d_origine: list[list[int]] = []
        self._groupes: list[list[int]] = []
        self._groupes_de: dict[int, set[int]] = defaultdict(set)
        # The cells of the remainders of a group, until one of them changes.
        self._tenues: dict[int, set[int]] = {}
        self._propres: dict[tuple[int, int], bool] = {}
        self._restes: list[tuple[Vecteur, list[int]]] = []
        self._dans_restes: dict[int, set[int]] = defaultdict(set)
        self._cles: list[Droite] = []
        self._classes: dict[Droite, set[int]] = defaultdict(set)

    @property
    def premier(self) -> int:
        """The prime that coefficients are read modulo."""
        return self._p

    def base(self) -> dict[int, Vecteur]:
        """The basis, by pivot: no other vector of it holds that cell, where its own holds it once."""
        return dict(self._base)

    def reste(self, vecteur: Vecteur) -> Vecteur:
        """Remainder of a vector modulo what is published."""
        reste = {c: v % self._p for c, v in vecteur.items()}
        for pivot in vecteur:
            if pivot in self._base:
                ajouter(reste, self._base[pivot], -vecteur[pivot], self._p)
        return reste

    def implique(self, vecteur: Vecteur) -> bool:
        """Whether a vector can be computed from what is published."""
        return not self.reste(vecteur)

    def surveiller(self, forme: Forme) -> None:
        """Watch a forme, because it is hidden or because its lone contributor knows it."""
        i, reste = len(self._restes), self.reste(forme.vecteur)
        valeurs = self._evaluer(reste)
        self._rangs[id(forme)] = i
        self._surveillees.append(forme)
        if forme.protegee:
            self._protegees.add(i)
        self._d_origine.append(self._evaluer(forme.vecteur))
        self._restes.append((reste, valeurs))
        self._cles.append(self._cle(valeurs))
        self._classes[self._cles[i]].add(i)
        for cellule in reste:
            self._dans_restes[cellule].add(i)

    def reunir(self, formes: list[Forme]) -> None:
        """Take watched formes for those of one contributor."""
        for i in (groupe := [self._rangs[id(f)] for f in formes]):
            self._groupes_de[i].add(len(self._groupes))
        self._groupes.append(groupe)

    def publier(
        self, vecteur: Vecteur, *, singletons: bool, forcer: bool = False, a_blanc: bool = False
    ) -> bool:
        """Add a vector to what is published, unless that gives a hidden forme away. True when published.

        With `forcer`, it is added whatever it gives away. Refused, `garde` is the forme it would give away.
        With `a_blanc`, nothing is added: whether it would be is told.
        """
        reste = self.reste(vecteur)
        if not reste:
            return True
        p, pivot = self._p, max(reste, key=self._rang)
        inverse = pow(reste[pivot], -1, p)
        vecteur_base = {c: v * inverse % p for c, v in reste.items()}
        # What the new vector does not touch tells no more than it did.
        touchees = {i: self._restes[i][0][pivot] for i in self._dans_restes.get(pivot, ())}
        valeurs = self._evaluer(vecteur_base) if touchees else []
        if touchees and not forcer:
            memes = sorted(self._classes.get(self._cle(valeurs), ()))
            if (i := next((i for i in memes if self._surveillees[i].cachee), None)) is not None:
                return self._refuser(i)
        nouvelles = {
            i: [(a - facteur * b) % p for a, b in zip(self._restes[i][1], valeurs, strict=True)]
            for i, facteur in touchees.items()
        }
        cles = {i: self._cle(v) for i, v in nouvelles.items()}
        if singletons and not forcer and touchees:
            if (i := self._trahie_par_un_seul(cles)) is not None:
                return self._refuser(i)
            if self._groupes and (
                (i := self._trahie_par_un_groupe(nouvelles, vecteur_base, touchees)) is not None
            ):
                return self._refuser(i)
        if a_blanc:
            return True
        for i, facteur in touchees.items():
            soustraire(self._restes[i][0], vecteur_base, facteur, p, self._dans_restes, i)
            self._changer(i, self._restes[i][0], nouvelles[i], cles[i])
        for autre in list(self._dans_base.get(pivot, ())):
            ancien = self._base[autre]
            soustraire(ancien, vecteur_base, ancien[pivot], p, self._dans_base, autre)
        self._base[pivot] = vecteur_base
        for cellule in vecteur_base:
            self._dans_base[cellule].add(pivot)
        return True

    def essayer(self, vecteur: Vecteur) -> Callable[[], None]:
        """Add a vector whatever it gives away; return what takes it out, as long as no other is added."""
        if not (reste := self.reste(vecteur)):
            return lambda: None
        pivot = max(reste, key=self._rang)
        restes = [(i, dict(self._restes[i][0]), self._restes[i][1]) for i in self._dans_restes.get(pivot, ())]
        base = {autre: dict(self._base[autre]) for autre in self._dans_base.get(pivot, ())}
        self.publier(vecteur, singletons=False, forcer=True)

        def retirer() -> None:
            for autre, ancien in {pivot: {}, **base}.items():
                reindexer(self._base[autre], ancien, self._dans_base, autre)
                self._base[autre] = ancien
            del self._base[pivot]
            for i, ancien, valeurs in restes:
                reindexer(self._restes[i][0], ancien, self._dans_restes, i)
                self._changer(i, ancien, valeurs, self._cle(valeurs))

        return retirer

    def _changer(self, i: int, reste: Vecteur, valeurs: list[int], cle: Droite) -> None:
        """Take note of the remainder of a watched forme, once it is another one."""
        self._restes[i] = reste, valeurs
        self._classes[self._cles[i]].discard(i)
        self._cles[i] = cle
        self._classes[cle].add(i)
        for g in self._groupes_de.get(i, ()):
            self._tenues.pop(g, None)

    def _refuser(self, i: int) -> bool:
        self.garde = self._surveillees[i]
        return False

    def trahies(self) -> list[Forme]:
        """Hidden formes that can be computed from what is published."""
        return [f for f, (r, _) in zip(self._surveillees, self._restes, strict=True) if f.cachee and not r]

    def portent(self, formes: Sequence[Forme], sauf: Set[int] = frozenset()) -> bool:
        """Whether who knew these formes could compute one that is protected, and not made of them.

        `sauf`: the `id` of formes that are not asked about.
        """
        restes = [self.reste(f.vecteur) for f in formes]
        siennes, tenues = {id(f) for f in formes}, set().union(*restes)
        for i in set().union(*(self._dans_restes.get(c, ()) for c in tenues)):
            forme, reste = self._surveillees[i], self._restes[i][0]
            if not forme.protegee or id(forme) in siennes | sauf or not reste.keys() <= tenues:
                continue
            if engendre(self._p, restes, reste) and not engendre(
                self._p, (f.vecteur for f in formes), forme.vecteur
            ):
                return True
        return False

    def noyau(self, cellule: int) -> Iterator[Vecteur]:
        """Changes of inner cells that leave all that is published as it is, this cell among them."""
        libres = self._base[cellule].keys() - {cellule} if cellule in self._base else {cellule}
        for libre in sorted(libres):
            change = {libre: 1}
            for pivot in self._dans_base.get(libre, ()):
                if pivot != libre and (facteur := self._base[pivot].get(libre)):
                    change[pivot] = -facteur if facteur <= self._p // 2 else self._p - facteur
            yield change

    def _complice(self, i: int, membres: Iterable[int]) -> bool:
        """Whether some of these is that of a lone contributor, and was on another line than `i` at first."""
        return any(
            self._surveillees[j].seule and self._cle(self._d_origine[j]) != self._cle(self._d_origine[i])
            for j in membres
        )

    def _trahie_par_un_seul(self, nouvelles: dict[int, Droite]) -> int | None:
        """A protected forme that new remainders put on one line with what a lone contributor knows."""
        par_cle: dict[Droite, set[int]] = defaultdict(set)
        for i, cle in nouvelles.items():
            par_cle[cle].add(i)
        for cle, membres in par_cle.items():
            tous = membres | {i for i in self._classes.get(cle, ()) if i not in nouvelles}
            if len(tous) > 1:
                for i in sorted(tous):
                    if self._surveillees[i].protegee and self._complice(i, tous):
                        self._accuser(tous)
                        return i
        return None

    def _accuser(self, membres: Iterable[int]) -> None:
        self.accuses.update(id(self._surveillees[j]) for j in membres if self._surveillees[j].seule)

    def _trahie_par_un_groupe(
        self, nouvelles: dict[int, list[int]], ajoutees: Vecteur, facteurs: dict[int, int]
    ) -> int | None:
        """A protected forme that new remainders let the owner of a group compute, not by its own alone.

        `nouvelles`: the functionals of the remainders that change. `ajoutees`: the new vector; the remainders
        it touches lose `facteurs` times it.
        """

        def reste(k: int) -> Vecteur:
            nouveau = dict(self._restes[k][0])
            if k in facteurs:
                ajouter(nouveau, ajoutees, -facteurs[k], self._p)
            return nouveau

        def petit(membres: Iterable[int]) -> EngendreParPeu:
            return EngendreParPeu(self._p, [nouvelles.get(m, self._restes[m][1]) for m in membres])

        petits: dict[int, EngendreParPeu] = {}
        for g, i in self._a_examiner(ajoutees):
            if self._est_propre(g, i):
                continue
            membres = self._groupes[g]
            if len(membres) < _FONCTIONNELLES:
                siennes = petits.get(g) or petits.setdefault(g, petit(membres))
                trahie = siennes.contient(nouvelles.get(i, self._restes[i][1]))
            else:
                restes = {m: self._restes[m][0] for m in membres}
                membres = proches(restes, ajoutees.keys() | self._restes[i][0].keys())
                if len(membres) < _FONCTIONNELLES:
                    trahie = petit(membres).contient(nouvelles.get(i, self._restes[i][1]))
                else:
                    trahie = engendre(self._p, map(reste, membres), reste(i))
            if trahie:
                self._accuser(self._groupes[g])
                return i
        return None

    def _a_examiner(self, ajoutees: Vecteur) -> Iterator[tuple[int, int]]:
        """Groups, and protected formes that a new vector could put in their reach.

        It does so only as a part of a combination of the forme and the cells of the group that is empty:
        each of its cells is in their remainders, and each other cell of the forme's is in the group's.
        """
        cellules, protegees, dans = ajoutees.keys(), self._protegees, self._dans_restes

        def rare(voulues: Iterable[int]) -> set[int]:
            return min((dans.get(c, _PERSONNE) for c in islice(voulues, _REGARDEES)), key=len)

        def autour(voulues: Iterable[int]) -> set[int]:
            return set().union(*(dans.get(c, _PERSONNE) for c in voulues))

        def groupes(formes: Iterable[int]) -> set[int]:
            return set().union(*(self._groupes_de[i] for i in formes if i in self._groupes_de))

        porteuses = rare(cellules)
        premiers = groupes(porteuses)
        for g in premiers:
            tenues = self._tenues_par(g)
            manquantes = cellules - tenues
            for i in (rare(manquantes) if manquantes else autour(tenues)) & protegees:
                reste = self._restes[i][0].keys()
                if manquantes <= reste and reste - cellules <= tenues:
                    yield g, i
        for i in porteuses & protegees:
            reste = self._restes[i][0].keys()
            voulues = cellules ^ reste
            for g in groupes(rare(voulues) if voulues else autour(reste)) - premiers:
                if voulues <= self._tenues_par(g):
                    yield g, i

    def _tenues_par(self, g: int) -> set[int]:
        """The cells of the remainders of a group."""
        if g not in self._tenues:
            self._tenues[g] = set().union(*(self._restes[m][0] for m in self._groupes[g]))
        return self._tenues[g]

    def _est_propre(self, g: int, i: int) -> bool:
        """Whether a forme is made of the cells of a group alone."""
        if (g, i) not in self._propres:
            vecteur = self._surveillees[i].vecteur
            siens = {m: self._surveillees[m].vecteur for m in self._groupes[g]}
            membres = proches(siens, vecteur.keys())
            self._propres[g, i] = engendre(self._p, (siens[m] for m in membres), vecteur)
        return self._propres[g, i]

    def _evaluer(self, vecteur: Vecteur) -> list[int]:
        """The functionals of a vector: six numbers, each the sum of pseudo-random weights of its cells."""
        p, poids, somme = self._p, self._poids, 0
        for cellule, coefficient in vecteur.items():
            siens = poids.get(cellule)
            if siens is None:
                siens = poids[cellule] = sum(
                    (melanger(_FONCTIONNELLES * cellule + j) % p) << (_LARGEUR * j)
                    for j in range(_FONCTIONNELLES)
                )
            somme += coefficient % p * siens
        return [(somme >> (_LARGEUR * j) & _MASQUE) % p for j in range(_FONCTIONNELLES)]

    def _cle(self, valeurs: list[int]) -> Droite:
        """Name of the line a vector is on; empty for the zero vector."""
        for j, valeur in enumerate(valeurs):
            if valeur:
                inverse = pow(valeur, -1, self._p)
                return (j, *[v * inverse % self._p for v in valeurs[j + 1 :]])
        return ()
