"""A group: some tied mesures of one millésime, with all that the decision on them depends on.

Belongs here: the values that the cutting makes and the phases read. Does not: making them (`decoupe.py`).

A ratio, an inclusion or a total ties its mesures; tied mesures of one millésime are a group, and no two
groups share an inner cell. `part_rsa` (foyers RSA over foyers) ties two mesures: 2022 of both is one group,
2017 another; an amount that no ratio divides by them is a third. No sum crosses two groups, but what is never
more than what does (familles are foyers): such groups are neighbours, each decided by itself, then together
(`accord.py`). A group is a value: with the same neighbours it has the same masks, on any night, alone or
beside others, so that its decision may be kept.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from confidentialite.moteur.formes import Formule
from confidentialite.moteur.tirage import empreinte
from confidentialite.regle.parametres import Majoration, Parametres

_TABLES: Final = ("lignes", "etats", "communes", "atomes", "passage")

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

    `lignes`, `etats`, `communes`, `atomes`, `passage`: the rows of `Entrees` that concern them. `releases`:
    what each earlier release said of them, said once where several said the same. `montrees`: formes that
    rows show, by combination; `dites`: those of rows of the register, by (indicateur, millésime); `partages`:
    combinations that are shares of a whole that is public; `melees`: those whose rows show something of
    another group, too. `sensibles`: mesures that nobody may be told
    everyone has. `decalages`: of each indicateur, the years its row looks back. `poids`: what hiding a figure
    of a territory costs its readers, by (niveau, code). `majorations`: (wholes, parts) of this group and its
    neighbours (`voisins`), whose sums are never less, or more, in any commune; the first of several
    neighbours has them all. `cle`: what its lots are drawn under.
    """

    nom: str
    millesime: int
    entiers: bool
    parametres: Parametres
    cle: bytes = field(repr=False)
    mesures: frozenset[str]
    montants: frozenset[str]
    nommees: frozenset[str]
    registres: frozenset[str]
    sensibles: frozenset[str]
    sommes: Mapping[str, tuple[str, ...]]
    partitions: Mapping[str, tuple[str, ...]]
    couples: tuple[tuple[str, str], ...]
    profondeurs: Mapping[str, int]
    montrees: Mapping[Combinaison, tuple[Montree, ...]]
    dites: Mapping[tuple[str, int], tuple[Montree, ...]]
    partages: frozenset[Combinaison]
    melees: frozenset[Combinaison]
    decalages: Mapping[str, int]
    poids: Mapping[tuple[str, str], int]
    lignes: pa.Table
    etats: pa.Table
    communes: pa.Table
    atomes: pa.Table
    passage: pa.Table
    releases: tuple[pa.Table, ...] = ()
    assumees: frozenset[tuple[int, str, str, str]] = frozenset()
    majorations: tuple[Majoration, ...] = ()
    voisins: tuple["Groupe", ...] = ()

    def assumant(self, assumees: frozenset[tuple[int, str, str, str]]) -> "Groupe":
        """The group once these cells are assumed; itself when none is its own, nor its neighbours'."""
        siennes = frozenset(a for a in assumees if (a[3], a[0]) in self.dites)
        voisins = tuple(v.assumant(assumees) for v in self.voisins)
        if siennes == self.assumees and all(a is b for a, b in zip(voisins, self.voisins, strict=True)):
            return self
        return replace(self, assumees=siennes, voisins=voisins)

    def sur(self, lieux: Set[tuple[str, str]]) -> "Groupe":
        """What it says of some territories (niveau, code), without its rows nor its neighbours."""
        tables = {nom: getattr(self, nom).schema.empty_table() for nom in _TABLES}
        return replace(
            self,
            **tables,
            releases=(),
            voisins=(),
            poids={lieu: self.poids[lieu] for lieu in lieux & self.poids.keys()},
            assumees=frozenset(a for a in self.assumees if a[1:3] in lieux),
        )

    def taille(self) -> int:
        """How long it takes to decide, about."""
        siens = self.communes.num_rows + self.lignes.num_rows
        return int(siens) + sum(v.taille() for v in self.voisins)

    def faits(self) -> list[object]:
        """All but the tables, as values whose text is always the same."""
        return [
            *(self.nom, self.millesime, self.entiers, self.parametres.texte()),
            *(sorted(x) for x in self._ensembles()),
            *(sorted(x, key=str) for x in (self.partages, self.melees)),
            *(sorted(x.items()) for x in (self.sommes, self.partitions)),
            *(sorted(x.items()) for x in (self.profondeurs, self.decalages, self.poids)),
            *(self.couples, sorted(self.montrees.items(), key=str), sorted(self.dites.items(), key=str)),
            sorted(self.assumees),
            self.majorations,
            [v.faits() for v in self.voisins],
            empreinte(self.cle),
        ]

    def _ensembles(self) -> tuple[frozenset[str], ...]:
        return self.mesures, self.montants, self.nommees, self.registres, self.sensibles

    def tables(self) -> tuple[pa.Table, ...]:
        """The tables, in a fixed order."""
        siennes = (self.lignes, self.etats, self.communes, self.atomes, self.passage, *self.releases)
        return (*siennes, *(table for v in self.voisins for table in v.tables()))


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
