"""What the formes of one system are, found by cell and by place, whatever is published of them.

Belongs here: what stays the same from one proposal to the next, read once. Does not: what is hidden
(`plateau.py`), nor the moves that leave it hidden (`mouvements.py`).

Of EPCI {A: 1, B: 1} and commune {A: 1}, the cell A is held by the EPCI, and is that of the commune.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
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
        # Not the system, which holds this terrain: no search for cycles is on, and both would stay.
        systeme, lecture = chantier.systeme, chantier.lecture
        self._formes = systeme.formes
        self.nombres: dict[int, Nombres] = {}
        self.mesures: dict[int, str] = {}
        for (mesure, _), cellule in lecture.cellules.items():
            v = lecture.fines[cellule]
            self.mesures[cellule] = mesure
            self.nombres[cellule] = int(v.valeur), v.n
        # Of each cell, by rank: the formes that are made of it alone, those that hold it among others.
        self.seules: dict[int, list[int]] = defaultdict(list)
        self.tenantes: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for k, forme in enumerate(systeme.formes):
            if len(forme.vecteur) == 1:
                self.seules[next(iter(forme.vecteur))].append(k)
            else:
                for cellule, coefficient in forme.vecteur.items():
                    self.tenantes[cellule].append((k, coefficient))
        self.intervalles: dict[int, list[int]] = defaultdict(list)
        for k, (vecteur, *_) in enumerate(systeme.intervalles):
            for cellule in vecteur:
                self.intervalles[cellule].append(k)
        # The rank of the forme of those that some row shows, or that an earlier release hid (`rappelees`).
        self.sommes: dict[Somme, int] = {}
        self.rappelees: set[Somme] = set()
        self.montrees: set[Somme] = set()
        self.d_un_seul: dict[Territoire, set[str]] = defaultdict(set)
        for k, (cle, forme) in enumerate(zip(systeme.cles, systeme.formes, strict=True)):
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
                self.sommes[somme] = k
        self.couples: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for tout, part in chantier.groupe.couples:
            for mesure in dict.fromkeys((tout, part)):
                self.couples[mesure].append((tout, part))
        # Those that are one cell, by cell and the other way; the cells of a mesure that are one, in order: a
        # cell that two mesures are, equal by definition, is one of both.
        self.propres: dict[int, list[Somme]] = defaultdict(list)
        self.cellule: dict[Somme, int] = {}
        self.de_mesure: dict[str, dict[int, None]] = defaultdict(dict)
        for somme, k in self.sommes.items():
            if len(systeme.formes[k].vecteur) == 1:
                cellule = self.cellule[somme] = next(iter(systeme.formes[k].vecteur))
                self.propres[cellule].append(somme)
                self.de_mesure[somme[0]][cellule] = None
        # Of each sum, by rank, its forme and those tied to it in its territory: any, hidden, puts it in play.
        self.en_jeu: dict[Somme, set[int]] = defaultdict(set)
        for somme, k in self.sommes.items():
            for mesure in (somme[0], *chain(*self.liens(somme))):
                self.en_jeu[mesure, somme[1]].add(k)
        self.endroits = {somme: _situer(chantier, somme) for somme in self.en_jeu}
        # Of each cell, the sums that bear on it; those of them that are of several cells.
        self.autour: dict[int, list[Somme]] = defaultdict(list)
        self.larges: dict[int, list[Somme]] = defaultdict(list)
        for somme, endroit in self.endroits.items():
            for cellule in endroit.vecteur:
                self.autour[cellule].append(somme)
                if len(endroit.vecteur) > 1:
                    self.larges[cellule].append(somme)

    def liens(self, somme: Somme) -> Iterator[tuple[str, str]]:
        """The pairs of a whole and a part of which a sum is one, where some row shows that part."""
        mesure, lieu = somme
        return (lien for lien in self.couples.get(mesure, ()) if (lien[1], lieu) in self.montrees)

    def a_cacher(self, cellules: Iterable[int]) -> list[int]:
        """Those of some cells that are shown, and could be hidden."""
        formes = self._formes

        def se_cache(rang: int) -> bool:
            return formes[rang].publiee and not (formes[rang].connue or formes[rang].retenue)

        return [c for c in cellules if any(map(se_cache, self.seules.get(c, ())))]


def _situer(chantier: Chantier, somme: Somme) -> Endroit:
    """A mesure over a territory, whether or not some row shows it."""
    cle = Cle(((1, somme[0]),), somme[1])
    forme = chantier.forme(cle) if cle in chantier else None
    vecteur = chantier.lecture.vecteur(cle) if forme is None else forme.vecteur
    compte = chantier.compte(cle)
    return Endroit(vecteur, (int(compte.valeur), compte.n), forme)
