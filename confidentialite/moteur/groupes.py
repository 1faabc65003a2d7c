"""A group: some tied mesures of one millésime, with all that the decision on them depends on.

Belongs here: the values that the cutting makes and the phases read. Does not: making them (`decoupe.py`).

A ratio, an inclusion or a total ties its mesures into a table; tables of which one is never more than another
are a group, and no two groups share an inner cell. `part_rsa` (foyers RSA over foyers) ties two mesures: 2022
of both is one table, with that of familles, who are foyers, it is one group; 2017 is another; an amount that
no ratio divides by them is a third. No sum crosses two tables: each is eliminated apart, and bounds are
those of the whole group. A group is a value: the same group has the
same masks, on any night, alone or beside others, so that its decision may be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from confidentialite.moteur.formes import Formule
from confidentialite.regle.parametres import Parametres

Combinaison = tuple[str, int, int | None, int | None]
"""Of a row: indicateur, millésime, millésime of its base, of its denominator."""


@dataclass(frozen=True)
class Montree:
    """A forme that a row shows: of which of its two terms, over which mesures of the group.

    `entiere`: whether these are all the mesures of the term, so that what the row says is of them alone.
    `colonne`: where the register keeps what the row says of the term.
    """

    position: int
    termes: Formule
    entiere: bool
    colonne: str


@dataclass(frozen=True)
class Groupe:
    """All that the masks of some tied mesures depend on.

    `majorations`: (wholes, parts), whose sums are never less, or more, in a commune; `liees`: the table of
    each mesure. `lignes`, `etats`, `communes`, `atomes`, `passage`: the rows of `Entrees` that concern them.
    `releases`: what each earlier release said of them, said once where several said the same. `montrees`:
    formes that
    rows show, by combination; `dites`: those of rows of the register, by (indicateur, millésime); `partages`:
    combinations that are shares of a whole that is public. `decalages`: of each indicateur,
    the years its row looks back.
    """

    nom: str
    millesime: int
    entiers: bool
    parametres: Parametres
    mesures: frozenset[str]
    montants: frozenset[str]
    nommees: frozenset[str]
    registres: frozenset[str]
    sommes: Mapping[str, tuple[str, ...]]
    partitions: Mapping[str, tuple[str, ...]]
    liees: Mapping[str, str]
    couples: tuple[tuple[str, str], ...]
    majorations: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    profondeurs: Mapping[str, int]
    montrees: Mapping[Combinaison, tuple[Montree, ...]]
    dites: Mapping[tuple[str, int], tuple[Montree, ...]]
    partages: frozenset[Combinaison]
    decalages: Mapping[str, int]
    lignes: pa.Table
    etats: pa.Table
    communes: pa.Table
    atomes: pa.Table
    passage: pa.Table
    releases: tuple[pa.Table, ...] = ()
    assumees: frozenset[tuple[int, str, str, str]] = frozenset()

    def assumant(self, assumees: frozenset[tuple[int, str, str, str]]) -> "Groupe":
        """The group once these cells are assumed; itself when they are none of its own."""
        siennes = frozenset(a for a in assumees if (a[3], a[0]) in self.dites)
        return self if siennes == self.assumees else replace(self, assumees=siennes)

    def faits(self) -> list[object]:
        """All but the tables, as values whose text is always the same."""
        return [
            *(self.nom, self.millesime, self.entiers, self.parametres.texte()),
            *(sorted(x) for x in (self.mesures, self.montants, self.nommees, self.registres)),
            sorted(self.partages, key=str),
            *(sorted(x.items()) for x in (self.sommes, self.partitions, self.liees)),
            *(sorted(x.items()) for x in (self.profondeurs, self.decalages)),
            *(self.couples, self.majorations),
            *(sorted(self.montrees.items(), key=str), sorted(self.dites.items(), key=str)),
            sorted(self.assumees),
        ]

    def tables(self) -> tuple[pa.Table, ...]:
        """The tables, in a fixed order."""
        return (self.lignes, self.etats, self.communes, self.atomes, self.passage, *self.releases)


@dataclass
class Decoupe:
    """The groups of a night, and what concerns rows and no group.

    `hors_groupe`: rows of what is no sum (a median), with their contributors; `jugees`: the rows that this
    engine judges, hidden or not.
    """

    groupes: list[Groupe]
    jugees: pa.Table
    hors_groupe: list[tuple[str, int, str, int]] = field(default_factory=list)
    tues: set[tuple[str, int, str]] = field(default_factory=set)
