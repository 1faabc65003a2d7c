"""Guards: what each of those who think finds of a proposal of the elimination, and what would stop them.

Belongs here: what a guard is given and what it answers, and the guard of outsiders. Does not: the list of
guards and what is hidden for them (`resolution.py`), nor the programs (`bornes.py`).

EPCI 9 is A 1, B 1 and C 7; A and B are hidden. Outside, 9 - 7 leaves them 2 together, of two counts of 1 at
least: A is too tight, and the EPCI and C hold it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from confidentialite.moteur.bornes import Decoupage, decouper, intervalles_des_blocs, preciser
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle, Forme, Systeme
from confidentialite.moteur.phases.restes import Contributeur
from confidentialite.moteur.programmes import Bloc, Memoire, entiers
from confidentialite.regle.primaire import Compte


@dataclass
class Passe:
    """What the proposals before this one showed (the `id` of formes), and what was found of them."""

    montrees: set[int] = field(default_factory=set)
    serrees: list["Serree"] = field(default_factory=list)


@dataclass(frozen=True)
class Tour:
    """What a guard judges: which formes of a system the elimination would publish (`publiee` of each).

    `espace` is what these span; `contributeurs`, what each lone contributor knows; `plafonds` and
    `planchers`, what the lower and the upper bound of a protected amount must reach, by the `id` of its
    forme. `memoire` and `passe` go from one round to the next. `reuni`: the system judged where it is that of
    several groups, of which the chantier is the first. `voisinage`: the blocks that are judged, where they
    are not all of the system. `depuis`: what was known before the formes of these ranks were shown, around
    which alone something is judged.
    """

    chantier: Chantier
    espace: Espace
    memoire: Memoire
    contributeurs: Sequence[Contributeur]
    plafonds: Mapping[int, float]
    planchers: Mapping[int, float]
    passe: Passe = field(default_factory=Passe)
    reuni: Systeme | None = None
    voisinage: Sequence[Bloc] | None = None
    depuis: tuple[Decoupage, Sequence[int]] | None = None

    @property
    def systeme(self) -> Systeme:
        """The system that is judged."""
        return self.chantier.systeme if self.reuni is None else self.reuni

    @cached_property
    def montants(self) -> Mapping[int, tuple[Cle, Compte]]:
        """The amounts hidden for themselves and what the rule read of each, by the `id` of their forme."""
        chantier = self.chantier
        return {id(chantier.forme(cle)): (cle, compte) for cle, compte in chantier.montants.items()}

    @cached_property
    def decoupage(self) -> Decoupage:
        """What is known of the system."""
        if self._precise is not None:
            return self._precise[0]
        parametres = self.chantier.parametres
        return decouper(
            self.systeme,
            parametres.premiers.valeur[0],
            zero_connu=parametres.zero_publiable.valeur,
        )

    @property
    def blocs(self) -> Sequence[Bloc]:
        """The blocks that are judged."""
        if self._precise is not None:
            return self._precise[1]
        return self.decoupage.a_juger() if self.voisinage is None else self.voisinage

    @cached_property
    def _precise(self) -> tuple[Decoupage, list[Bloc]] | None:
        return None if self.depuis is None else preciser(self.systeme, *self.depuis)

    @property
    def ecart(self) -> float:
        """How far apart the values of a forme must be for enough of them to remain."""
        alternatives = self.chantier.parametres.alternatives_min.valeur
        return alternatives - 1 if self.systeme.entiers else alternatives

    def assez(self, forme: Forme, bas: float, haut: float) -> bool:
        """Whether an interval leaves enough of a forme unknown."""
        large = entiers(bas, haut) >= self.chantier.parametres.alternatives_min.valeur
        if not large or haut < self.planchers.get(id(forme), 0):
            return False
        plafond = self.plafonds.get(id(forme))
        return plafond is None or bas <= plafond or bas <= deja_dit(self.systeme, forme)


@dataclass(frozen=True, slots=True)
class Serree:
    """A hidden forme that somebody knows too closely, and what could loosen it.

    `liantes`: ranks of the published formes that hold it; `cellules`: the inner cells of all that holds it.
    `manque`: of an amount, how much its upper bound falls short. `a_un_seul`: only a lone contributor knows
    it, by its own cells: others are still to be kept from it.
    """

    forme: Forme
    liantes: frozenset[int]
    cellules: frozenset[int]
    manque: float = 0.0
    a_un_seul: bool = False


Garde = Callable[[Tour], Sequence[Serree]]


def du_dehors(tour: Tour) -> Sequence[Serree]:
    """What non-negativity, parts and wholes, and rounded figures tell anybody."""
    if not tour.chantier.defenses.bornes:
        return ()
    trouves = intervalles_des_blocs(tour.systeme, tour.blocs, tour.assez, tour.memoire)
    return [
        Serree(i.forme, i.liantes, i.cellules, max(tour.planchers.get(id(i.forme), 0) - i.haut, 0.0))
        for i in trouves
        if not tour.assez(i.forme, i.bas, i.haut)
    ]


def deja_dit(systeme: Systeme, forme: Forme, sues: Mapping[int, float] = MappingProxyType({})) -> float:
    """What published figures already say that an amount holds: no lower bound can be below it.

    `sues`: what somebody knows to be in its cells at least.
    """
    seules = {c: v for c, v in sues.items() if c in forme.vecteur}
    larges = []
    for autre, valeur in zip(systeme.formes, systeme.valeurs, strict=True):
        if not (autre.publiee or autre.connue) or not autre.vecteur.keys() <= forme.vecteur.keys():
            continue
        if len(autre.vecteur) == 1:
            seules[next(iter(autre.vecteur))] = float(valeur)
        elif min(autre.vecteur.values()) > 0:
            larges.append((autre.vecteur.keys(), float(valeur)))
    return max(
        valeur + sum(v for c, v in seules.items() if c not in cellules)
        for cellules, valeur in [(seules.keys() - seules.keys(), 0.0), *larges]
    )
