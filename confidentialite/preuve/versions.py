"""Which words of earlier releases still hold: a cell belongs to the revision that made it.

Belongs here: the figures of today, to hold an old word against, and what is left of old words once those that
were revised are taken out of them. Does not: the rows (`lignes.py`), nor the equations (`construction.py`).

A release said EPCI 21 of communes A, B and C, C 9 and A, B hidden. The file was revised; today

    C is 2, hidden too        9 was said of another version of C: it gives no one away
    the EPCI is 14, hidden    21 binds the versions of then: with A and B, it is no equation of today
    A + B = 21 - 9 = 12       holds of today's A and B, which have not changed: an equation, as it was
    had B become 4 from 5     A + B = 12 would hold of the B of then alone: it is no equation of today
    CTG C + D was 15, is 8    wrong by 7, as 21 is of 14: less each other they say A + B - D, which is so

Outside, nobody knows which hidden cells changed. Whoever supposes that none did is right of most: an old word
that is true of today's figures is an equation here, whether or not its members changed. Whoever supposes so
of a word that is false computes another figure than the true one, and has found out nobody: a finding that
needs it would be false. So that the proof holds every reading that tells the truth, and none that does not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from confidentialite.preuve.modele import Forme, Lin, Modele

_PRES = 0.005
"""Beyond, two figures are not one: amounts are kept to the cent."""


@dataclass
class Fines:
    """The figures of today by commune, before anything was masked: what an old word is held against."""

    modele: Modele
    _valeurs: Mapping[int, npt.NDArray[np.float64]]

    @classmethod
    def lire(cls, modele: Modele, table: pa.Table | None) -> "Fines":
        """Read `millesime, cog_millesime, mesure_id, atome, valeur`, one line per commune that is not zero.

        To be asked once every territory is known. Of an atom that is no commune of today (the rest of a
        département, a commune that merged), only what these lines tell is known.
        """
        geographie = modele.geographie
        par_bloc: dict[int, dict[int, float]] = defaultdict(dict)
        for millesime, cog, mesure, code, valeur in _rangees(table):
            # What no row bears on is nobody's question.
            if (bloc := modele.blocs.get((mesure, millesime))) is not None:
                atome = geographie.commune(code, cog)
                par_bloc[bloc][atome] = par_bloc[bloc].get(atome, 0.0) + float(valeur)
        # Communes that became one are worth what they were together.
        heritieres = [(set(avant), apres[0]) for avant, apres in geographie.identites if len(apres) == 1]
        commune = np.array([not {":", "@"} & set(nom) for nom in geographie.atomes], dtype=np.bool_)
        valeurs = {}
        for bloc, siens in par_bloc.items():
            lues = np.where(commune, 0.0, np.nan)
            lues[list(siens)] = list(siens.values())
            for avant, apres in heritieres:
                if siens.keys() & avant:
                    lues[list(avant)] = np.nan_to_num(lues[list(avant)])
                    lues[apres] = lues[list(avant)].sum()
            valeurs[bloc] = lues
        return cls(modele, valeurs)

    def __call__(self, forme: Forme) -> float | None:
        """Return the value of a form today; None where nothing tells it."""
        atomes = self.modele.geographie.territoires[forme.territoire]
        somme = 0.0
        for bloc, c in forme.lin:
            if bloc not in self._valeurs:
                return None
            somme += c * float(self._valeurs[bloc][atomes].sum())
        return None if np.isnan(somme) else somme


def _rangees(table: pa.Table | None) -> Iterator[tuple[int, int, str, str, float]]:
    if table is not None:
        colonnes = ("millesime", "cog_millesime", "mesure_id", "atome", "valeur")
        yield from zip(*(table[c].to_pylist() for c in colonnes), strict=True)


@dataclass
class Versions:
    """Old words, told apart: those that hold of today's figures, and those that bind versions of then.

    `ici`: what this release prints of a form, None where it prints nothing.
    """

    fines: Fines
    ici: Callable[[Forme], float | None]
    perimees: dict[Lin, list[tuple[int, int, float]]] = field(default_factory=lambda: defaultdict(list))
    """By formula, what is no longer so: rank of the newest release that says it, territory, value."""
    tenues: dict[Lin, list[tuple[int, int, float]]] = field(default_factory=lambda: defaultdict(list))
    """The same of what still is; of sums, whose parts may have been revised all the same."""

    def aujourd_hui(self, forme: Forme) -> float | None:
        """Return the value of a form today: as this release prints it, else as the figures are."""
        dite = self.ici(forme)
        return self.fines(forme) if dite is None else dite

    def tient(self, forme: Forme, valeur: float, rang: int) -> bool:
        """Whether an old equation still holds; it is kept, for what is left of it."""
        vraie = self.aujourd_hui(forme)
        if vraie is None or abs(vraie - valeur) < _PRES:
            if self.fines.modele.geographie.seul(forme.territoire) is None:
                self.tenues[forme.lin].append((rang, forme.territoire, valeur))
            return True
        self.perimees[forme.lin].append((rang, forme.territoire, valeur))
        return False

    def dans(self, forme: Forme, bas: float, haut: float) -> bool:
        """Whether an old interval still holds the value of today."""
        vraie = self.aujourd_hui(forme)
        return vraie is None or bas - _PRES < vraie < haut + _PRES

    def restes(self) -> Iterator[tuple[Forme, float, int]]:
        """Yield what is left of old sums once the parts that were revised are taken out, where it holds.

        A release said 60 of a département, 21 of EPCI E, 9 of commune C in E; C was revised, and with it all
        three: 60 - 21 is still what the other EPCI make, and 21 - 9 what the rest of E does. So is 21 - 9 - 5
        where another commune, of 5, gained what C lost, and E is 21 as it was.
        """
        for lin in list(self.perimees):
            for rang, tout, atomes, reste in self._reduites(lin):
                if atomes != tout and self._ecart(lin, atomes, reste) == 0:
                    yield Forme(lin, self.fines.modele.geographie.territoire(atomes)), reste, rang

    def differences(self) -> Iterator[tuple[Forme, Forme, float, int]]:
        """Yield what old sums that cross each other leave of one another, where both are wrong by as much.

        A release said 9 of CTG B and C, 10 of EPCI A and B; B is one more, and both sums are: A less C is
        still 10 - 9. The rank is that of the older word.
        """
        territoire = self.fines.modele.geographie.territoire
        for lin in list(self.perimees):
            par_ecart: dict[float, dict[frozenset[int], tuple[float, int]]] = defaultdict(dict)
            for rang, _, atomes, reste in self._reduites(lin):
                if len(atomes) > 1 and (ecart := self._ecart(lin, atomes, reste)):
                    par_ecart[ecart].setdefault(atomes, (reste, rang))
            for dites in par_ecart.values():
                for (un, (v, r)), (autre, (w, q)) in combinations(dites.items(), 2):
                    if not (un.isdisjoint(autre) or un <= autre or autre <= un):
                        dedans, dehors = (Forme(lin, territoire(seuls)) for seuls in (un - autre, autre - un))
                        yield dedans, dehors, v - w, max(r, q)

    def _ecart(self, lin: Lin, atomes: frozenset[int], dite: float) -> float | None:
        """Return by how much what was said of some communes is wrong today, to the cent; None if untold."""
        vraie = self.aujourd_hui(Forme(lin, self.fines.modele.geographie.territoire(atomes)))
        return None if vraie is None else round(dite - vraie, 2)

    def _reduites(self, lin: Lin) -> Iterator[tuple[int, frozenset[int], frozenset[int], float]]:
        """Yield old sums, whole, then less what was revised: rank, communes, those left, their sum."""
        geographie, dites = self.fines.modele.geographie, self.perimees[lin]
        for rang, territoire, valeur in (*dites, *self.tenues[lin]):
            tout = frozenset(geographie.territoires[territoire].tolist())
            # What was said of each at the time: the oldest word that was not yet replaced.
            alors: dict[int, tuple[int, float]] = {}
            for r, t, v in dites:
                if t != territoire and r <= rang and r >= alors.get(t, (0, 0.0))[0]:
                    alors[t] = (r, v)
            dedans = [
                (len(atomes), atomes, v)
                for t, (_, v) in sorted(alors.items())
                if (atomes := set(geographie.territoires[t].tolist())) < tout
            ]
            dedans.sort(key=lambda e: e[0])
            vues = {tout}
            yield rang, tout, tout, valeur
            for parties in (dedans, dedans[::-1]):
                reste, autres = valeur, tout
                for _, atomes, v in parties:
                    if atomes <= autres:
                        reste, autres = reste - v, autres - atomes
                if autres and autres not in vues:
                    vues.add(autres)
                    yield rang, tout, autres, reste
