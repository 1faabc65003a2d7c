"""What is hidden of one system as its `publiee` stand: its places, and the cells that are hidden alike.

Belongs here: what is seen of a table, and by whom. Does not: what stays the same from one proposal to the
next (`terrain.py`), what the rule says of a table (`arbitre.py`), the moves to another one (`mouvements.py`).

An EPCI of 9 shows C 5 and hides A 2 and B 2: A and B have places and one sign, C has neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple
from weakref import proxy

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Forme, Vecteur
from confidentialite.moteur.terrain import Nombres, Somme, Terrain


class Signe(NamedTuple):
    """What cells share that may exchange their values: what holds them, and what they were.

    `montree`: whether some row would show them; `rappelee`: whether an earlier release hid them; `tenantes`:
    the published formes that hold them among others; `larges`: the places of several cells they are in.
    """

    mesure: str
    montree: bool
    rappelee: bool
    tenantes: tuple[tuple[int, int], ...]
    larges: tuple[Somme, ...]


Tenue = tuple[str, tuple[tuple[int, int], ...]]
"""A mesure, and the published formes that hold a cell of it among others, by rank with their coefficient."""


@dataclass(slots=True)
class Place:
    """A mesure over a territory, hidden or tied to one that is; its wholes and its parts there."""

    vecteur: Vecteur
    nombres: Nombres
    forme: Forme | None
    cachee: bool
    touts: list[str]
    parts: list[str]


class Plateau:
    """What is hidden of one system, found when asked for: to judge one forme, a few cells are looked at."""

    def __init__(self, chantier: Chantier) -> None:
        """Take note of what is published."""
        self.terrain = chantier.tenir(Terrain)
        self._formes = chantier.systeme.formes
        # The formes that are not seen, by rank: they may be by the time that something is asked.
        self._tues = {k for k, f in enumerate(self._formes) if not (f.publiee or f.connue)}
        # By a weak reference: cycles of objects are not freed while groups are decided.
        plateau = proxy(self)
        self.connue = cache(partial(Plateau._est_connue, plateau))
        self.place = cache(partial(Plateau._situer, plateau))
        self.propres = cache(partial(Plateau._propres_a, plateau))
        self.publiees = cache(partial(Plateau._publiees_sur, plateau))
        self.autour = cache(partial(Plateau._autour_de, plateau))
        self.signe = cache(partial(Plateau._signer, plateau))
        self._de_signe = cache(partial(Plateau._semblables_de, plateau))

    def est_en_jeu(self, somme: Somme) -> bool:
        """Whether a sum is hidden, or tied to one that is: it has a place."""
        return not self._tues.isdisjoint(self.terrain.en_jeu.get(somme, ()))

    def cellule(self, somme: Somme) -> int | None:
        """The cell of a hidden sum that is one."""
        return self.terrain.cellule.get(somme) if self._est_cachee(somme) else None

    def tenue(self, cellule: int) -> Tenue:
        """What a cell shares with those that may be hidden in its place, or be hidden alike."""
        return self.terrain.mesures[cellule], self.publiees(cellule)

    def semblables(self, cellule: int) -> Sequence[int]:
        """The cells that may exchange their values with one, itself too."""
        signe = self.signe(cellule)
        return self._de_signe(signe) if signe else ()

    def pareilles(self, cellule: int) -> Sequence[int]:
        """The shown cells of a mesure that the same published formes hold, and no other."""
        if not (tenantes := self.publiees(cellule)):
            return ()
        mesures = self.terrain.mesures
        return [
            c
            for c in self.terrain.a_cacher(self._plus_etroite(tenantes))
            if mesures[c] == mesures[cellule] and self.publiees(c) == tenantes
        ]

    def _est_connue(self, cellule: int) -> bool:
        """Whether a forme that is a cell alone tells it."""
        return not self._tues.issuperset(self.terrain.seules.get(cellule, ()))

    def _est_cachee(self, somme: Somme) -> bool:
        """Whether a sum is hidden that some row would show, or that an earlier release hid."""
        return self.terrain.sommes.get(somme) in self._tues

    def _situer(self, somme: Somme) -> Place:
        """The place of a sum. Raises KeyError where it has none."""
        if not self.est_en_jeu(somme):
            raise KeyError(somme)
        (mesure, lieu), cachee = somme, self._est_cachee(somme)
        touts, parts = list[str](), list[str]()
        for tout, part in self.terrain.liens(somme):
            if part == mesure and (cachee or self._est_cachee((tout, lieu))):
                touts.append(tout)
            if tout == mesure and (cachee or self._est_cachee((part, lieu))):
                parts.append(part)
        return Place(*self.terrain.endroits[somme], cachee, touts, parts)

    def _propres_a(self, cellule: int) -> Sequence[Somme]:
        """The hidden sums that are one cell."""
        return [s for s in self.terrain.propres.get(cellule, ()) if self._est_cachee(s)]

    def _publiees_sur(self, cellule: int) -> tuple[tuple[int, int], ...]:
        """The published formes that hold a cell among others, by rank, each with its coefficient."""
        return tuple((k, v) for k, v in self.terrain.tenantes.get(cellule, ()) if k not in self._tues)

    def _plus_etroite(self, tenantes: Iterable[tuple[int, int]]) -> Vecteur:
        """The smallest of some formes that hold a cell: those that all of them hold are among its cells."""
        return min((self._formes[k].vecteur for k, _ in tenantes), key=len)

    def _autour_de(self, cellule: int) -> Sequence[Somme]:
        """The places that bear on a cell that nobody knows."""
        if self.connue(cellule):
            return ()
        return [s for s in self.terrain.autour.get(cellule, ()) if self.est_en_jeu(s)]

    def _signer(self, cellule: int) -> Signe | None:
        """The sign of a cell; None of one that no hidden sum is."""
        if not (propres := self.propres(cellule)):
            return None
        somme = propres[-1]
        forme = self.place(somme).forme
        autour = () if self.connue(cellule) else self.terrain.larges.get(cellule, ())
        larges = tuple(s for s in autour if self.est_en_jeu(s))
        rappelee = somme in self.terrain.rappelees
        montree = forme is not None and forme.montree
        return Signe(somme[0], montree, rappelee, self.publiees(cellule), larges)

    def _semblables_de(self, signe: Signe) -> Sequence[int]:
        """The cells of one sign."""
        candidates: Iterable[int] = self.terrain.de_mesure[signe.mesure]
        if signe.tenantes:
            etroite = self._plus_etroite(signe.tenantes)
            candidates = (c for c in candidates if c in etroite)
        return [c for c in candidates if self.signe(c) == signe]
