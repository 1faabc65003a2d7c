"""Guards: what each of those who think finds of a proposal of the elimination, and what would stop them.

Belongs here: what a guard is given and what it answers, and the guard of outsiders. Does not: the list of
guards and what is hidden for them (`resolution.py`), nor the programs (`bornes.py`).

EPCI 9 is A 1, B 1 and C 7; A and B are hidden. Outside, 9 - 7 leaves them 2 together, of two counts of 1 at
least: A is too tight, and the EPCI and C hold it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from confidentialite.moteur.bornes import intervalles
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Forme, Systeme
from confidentialite.moteur.programmes import Memoire, entiers
from confidentialite.regle.parametres import Parametres


@dataclass(frozen=True)
class Tour:
    """What a guard judges: which formes of a system the elimination would publish (`publiee` of each).

    `espace` is what these span; `seuls`, the formes of each lone contributor; `planchers`, what the upper
    bound of a dominated amount must reach, by the `id` of its forme. `memoire` goes from one round to the
    next.
    """

    chantier: Chantier
    espace: Espace
    memoire: Memoire
    seuls: Sequence[Sequence[Forme]]
    planchers: Mapping[int, float]

    def assez(self, forme: Forme, bas: float, haut: float) -> bool:
        """Whether an interval leaves enough of a forme unknown."""
        large = entiers(bas, haut) >= self.chantier.parametres.alternatives_min.valeur
        return large and haut >= self.planchers.get(id(forme), 0)


@dataclass(frozen=True, slots=True)
class Serree:
    """A hidden forme that somebody knows too closely, and what could loosen it.

    `liantes`: ranks of the published formes that hold it; `cellules`: the inner cells of all that holds it.
    """

    forme: Forme
    liantes: frozenset[int]
    cellules: frozenset[int]


Garde = Callable[[Tour], Sequence[Serree]]


def du_dehors(tour: Tour) -> Sequence[Serree]:
    """What non-negativity, parts and wholes, and rounded figures tell anybody."""
    chantier = tour.chantier
    if not chantier.defenses.bornes:
        return ()
    return trop_connues(chantier.systeme, chantier.parametres, tour.assez, tour.memoire)


def trop_connues(
    systeme: Systeme, parametres: Parametres, assez: Callable[[Forme, float, float], bool], memoire: Memoire
) -> list[Serree]:
    """The hidden formes of a system of which too little is left unknown."""
    trouves = intervalles(
        systeme,
        parametres.premiers.valeur[0],
        zero_connu=parametres.zero_publiable.valeur,
        assez=assez,
        memoire=memoire,
    )
    return [Serree(i.forme, i.liantes, i.cellules) for i in trouves if not assez(i.forme, i.bas, i.haut)]
