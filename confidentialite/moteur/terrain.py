"""What the formes of one system are, found by cell and by place, whatever is published of them.

Belongs here: what stays the same from one proposal to the next, read once. Does not: what is hidden, nor the
moves that leave it hidden (`rejeu.py`).

Of EPCI {A: 1, B: 1} and commune {A: 1}, the cell A is held by the EPCI, and is that of the commune.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Cle, Forme, Territoire, Vecteur

Nombres = tuple[int, int]
"""A value, and how many contribute to it; or by how much both change."""
Somme = tuple[str, Territoire]
"""A mesure over a territory."""


class Endroit(NamedTuple):
    """A mesure over a territory: its cells, its value, its forme where it has one."""

    vecteur: Vecteur
    nombres: Nombres
    forme: Forme | None


class Terrain:
    """Cells, sums and formes of one system."""

    def __init__(self, chantier: Chantier) -> None:
        """Index all that is placed."""
        self._chantier = chantier
        systeme, lecture = chantier.systeme, chantier.lecture
        self.nombres: dict[int, Nombres] = {}
        self.mesures: dict[int, str] = {}
        for (mesure, _), cellule in lecture.cellules.items():
            v = lecture.fines[cellule]
            self.mesures[cellule] = mesure
            self.nombres[cellule] = int(v.valeur), v.n
        # Of each cell: the formes that are made of it alone, those that hold it among others.
        self.seules: dict[int, list[Forme]] = defaultdict(list)
        self.tenantes: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for k, forme in enumerate(systeme.formes):
            if len(forme.vecteur) == 1:
                self.seules[next(iter(forme.vecteur))].append(forme)
            else:
                for cellule, coefficient in forme.vecteur.items():
                    self.tenantes[cellule].append((k, coefficient))
        self.intervalles: dict[int, list[int]] = defaultdict(list)
        for k, (vecteur, *_) in enumerate(systeme.intervalles):
            for cellule in vecteur:
                self.intervalles[cellule].append(k)
        # Those that some row shows, or that an earlier release hid (`rappelees`).
        self.sommes: list[tuple[Somme, Forme]] = []
        self.rappelees: set[Somme] = set()
        self.montrees: set[Somme] = set()
        self.d_un_seul: dict[Territoire, set[str]] = defaultdict(set)
        for cle, forme in zip(systeme.cles, systeme.formes, strict=True):
            if len(cle.termes) != 1 or cle.cellules:
                continue
            somme = cle.termes[0][1], cle.lieu
            if forme.montree:
                self.montrees.add(somme)
            if forme.seule:
                self.d_un_seul[cle.lieu].add(somme[0])
            if cle in chantier.cachees_avant:
                self.rappelees.add(somme)
            if forme.montree or somme in self.rappelees:
                self.sommes.append((somme, forme))
        self.couples: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for tout, part in chantier.groupe.couples:
            for mesure in dict.fromkeys((tout, part)):
                self.couples[mesure].append((tout, part))
        self._endroits: dict[Somme, Endroit] = {}
        # Of each cell, the sums asked for so far that bear on it.
        self.autour: dict[int, list[Somme]] = defaultdict(list)

    def endroit(self, somme: Somme) -> Endroit:
        """A mesure over a territory, whether or not some row shows it."""
        connu = self._endroits.get(somme)
        if connu is None:
            chantier, cle = self._chantier, Cle(((1, somme[0]),), somme[1])
            forme = chantier.forme(cle) if cle in chantier else None
            vecteur = chantier.lecture.vecteur(cle) if forme is None else forme.vecteur
            compte = chantier.compte(cle)
            connu = self._endroits[somme] = Endroit(vecteur, (int(compte.valeur), compte.n), forme)
            for cellule in vecteur:
                self.autour[cellule].append(somme)
        return connu

    def connues(self) -> set[int]:
        """The cells that a forme of theirs alone tells, as `publiee` and `connue` stand."""
        return {c for c, formes in self.seules.items() if any(f.publiee or f.connue for f in formes)}

    def a_cacher(self, cellules: Iterable[int]) -> list[int]:
        """Those of some cells that are shown, and could be hidden."""
        return [
            c
            for c in cellules
            if any(f.publiee and not (f.connue or f.retenue) for f in self.seules.get(c, ()))
        ]
