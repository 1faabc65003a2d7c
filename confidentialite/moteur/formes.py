"""The words of the engine: formule, territoire, clé, forme, système.

Belongs here: what the phases hand each other. Does not: how any of it is found or decided.

A *forme* is a signed sum of mesures over the communes of a territory, in one millésime. An inner cell is one
mesure in one commune. Communes A 3 and B 7 are two cells; their EPCI, 10, is the forme {A: 1, B: 1}; what a
part of 6 leaves of that whole is the forme {whole in A: 1, part in A: -1, whole in B: 1, part in B: -1}.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

LARGEUR = {"france": 0, "region": 1, "departement": 2, "ctg": 3, "epci": 4, "commune": 5}

Formule = tuple[tuple[int, str], ...]
Vecteur = dict[int, int]


class Territoire(NamedTuple):
    """A territory: today's, or the one that some communes made under that name (`atomes`)."""

    niveau: str
    code: str
    atomes: tuple[str, ...] | None = None

    @property
    def aujourd_hui(self) -> "Territoire":
        """The territory of today that bears the name."""
        return Territoire(self.niveau, self.code)


class Cle(NamedTuple):
    """What names a forme inside its group.

    `cellules`: of what sums leave of each other, which no formula over communes says, the vector itself;
    `termes` and `lieu` then say which mesures it bears on, and where.
    """

    termes: Formule
    lieu: Territoire
    cellules: tuple[tuple[int, int], ...] = ()


class Etat(Enum):
    """What a forme is for those who must not compute it."""

    LIBRE = "may be shown"
    RETENUE = "stays hidden, although nothing in itself requires it"
    PROTEGEE = "must not be computed"
    PUBLIQUE = "its producer publishes it"


# A member is read from its class slowly, and these are asked by the million.
_RETENUE, _PROTEGEE, _PUBLIQUE = Etat.RETENUE, Etat.PROTEGEE, Etat.PUBLIQUE


@dataclass(slots=True, eq=False)
class Forme:
    """One cell that readers may see, or one that must not be computed.

    `vecteur`: coefficients (±1) over the inner cells that are not zero. `ordre`: formes are published in
    this order. `montree`: some row would show it. `connue`: it is known outside already, in an earlier
    release or from its producer, and cannot be taken back. `seule`: it has one contributor, who knows it.
    `cout`: what readers lose where it is hidden, once per row that shows it (parameter `poids`). Elimination
    alone moves `etat` from then on, and `publiee`.
    """

    vecteur: Vecteur
    ordre: tuple[Any, ...]
    montree: bool = False
    etat: Etat = Etat.LIBRE
    connue: bool = False
    seule: bool = False
    cout: int = 0
    publiee: bool = field(default=False, init=False)

    @property
    def protegee(self) -> bool:
        """Whether it must stay unknown, even to the contributors of other formes."""
        return self.etat is _PROTEGEE

    @property
    def retenue(self) -> bool:
        """Whether it stays hidden although nothing in itself requires it."""
        return self.etat is _RETENUE

    @property
    def publique(self) -> bool:
        """Whether its producer publishes it."""
        return self.etat is _PUBLIQUE

    @property
    def cachee(self) -> bool:
        """Whether readers are owed the proof that they cannot compute it."""
        return self.etat is _PROTEGEE or self.etat is _RETENUE


@dataclass
class Systeme:
    """Formes that only depend on each other. `formes[k]` is that of `cles[k]`, `valeurs` are true values.

    `intervalles`: (vector, low, high) known from rounded public figures; `majorations`: vectors over the
    inner cells of a commune that are never negative, wholes less parts; `collees`: of each cell, those that
    it moves with, for one of these that is zero holds them; `vraies`: true values of the inner cells.
    `entiers`: whether all of them are counts.
    """

    nom: str
    millesime: int
    entiers: bool = True
    cles: list[Cle] = field(default_factory=list)
    formes: list[Forme] = field(default_factory=list)
    valeurs: list[Decimal] = field(default_factory=list)
    intervalles: list[tuple[Vecteur, Decimal, Decimal]] = field(default_factory=list)
    majorations: list[Vecteur] = field(default_factory=list)
    collees: dict[int, set[int]] = field(default_factory=dict)
    vraies: dict[int, Decimal] = field(default_factory=dict)

    def faits(self) -> list[object]:
        """What it is before anything is decided, in values whose text never varies.

        But what earlier releases told of the formes that rows show (`Chantier.memoire`).
        """
        formes = [(f.vecteur, f.ordre, f.montree, *_etat_propre(f), f.seule, f.cout) for f in self.formes]
        return [self.cles, formes, self.valeurs, self.intervalles, self.majorations]


def _etat_propre(forme: Forme) -> tuple[str, bool]:
    """Its state, and whether it is known, whatever earlier releases told of it where rows show it."""
    if forme.montree and forme.etat in (Etat.LIBRE, Etat.RETENUE):
        return Etat.LIBRE.name, False
    return forme.etat.name, forme.connue


@cache
def formule(texte: str | None) -> Formule:
    """Terms of a formula of the dictionary: `a+b-c` gives ((1, a), (1, b), (-1, c))."""
    if not texte:
        return ()
    termes = re.findall(r"([+-]?)\s*([a-z0-9_]+)", texte)
    return tuple(sorted((-1 if signe == "-" else 1, mesure) for signe, mesure in termes))


def ordre(cle: Cle, attente: int, profondeur: int) -> tuple[Any, ...]:
    """Order of publication: wide territories, then few dimensions, then who waits least, then the name.

    Neither width nor depth depends on a hidden value; `attente` does, by a lot that no reader knows
    (`tirage.py`).
    """
    niveau, code, atomes = cle.lieu
    return (LARGEUR[niveau], profondeur, attente, niveau, code, atomes or (), cle.termes)
