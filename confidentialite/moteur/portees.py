"""Which formes the guard of replay has to ask about again once one more is shown.

Belongs here: what each answer of the guard rested on. Does not: the answers (`rejeu.py`), nor what is tried
(`allegement.py`).

EPCI 9 hides A 2 and B 3, EPCI 20 hides D 4 and E 6, each pair of which may exchange its values. To show what
a part of D hides changes nothing of A, nor of B: they are not asked about again.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Forme
from confidentialite.moteur.plateau import Tenue
from confidentialite.moteur.rejeu import Jeu

Appui = str | Tenue
"""What an answer rests on: a commune, or what holds some cells."""
_PARTOUT: Final[Appui] = ""
"""Of an answer that rests on more than the communes of a move."""


class Portees:
    """The formes that have another table, by what it rests on: communes, and what holds their cells."""

    def __init__(self, chantier: Chantier, jeu: Jeu) -> None:
        """Ask about each forme, as `publiee` stand. Those that are alone may stay so, and are left out."""
        self._lieu_de = chantier.lecture.lieu_de
        self._de: dict[int, set[Appui]] = {}
        self._sur: dict[Appui, dict[int, Forme]] = defaultdict(dict)
        self._seules = [f for f in chantier.systeme.formes if f.protegee]
        self.completer(jeu)

    def completer(self, jeu: Jeu) -> None:
        """Ask again about the formes that were alone."""
        eux, self._seules = self._seules, []
        self.reprendre(jeu, eux)

    def reprendre(self, jeu: Jeu, formes: Iterable[Forme]) -> None:
        """Take note of what the answers about some formes rest on now."""
        self._jeu = jeu
        for forme in formes:
            for appui in self._de.pop(id(forme), ()):
                del self._sur[appui][id(forme)]
            seule, cellules = jeu.repose_sur(forme)
            if seule:
                self._seules.append(forme)
                continue
            communes = {_PARTOUT} if cellules is None else {self._lieu_de(c) for c in cellules}
            self._de[id(forme)] = {*communes, *map(jeu.tenue, forme.vecteur)}
            for appui in self._de[id(forme)]:
                self._sur[appui][id(forme)] = forme

    def concernees(self, montrees: Iterable[Forme]) -> list[Forme]:
        """The formes of which the answer may be another once these, hidden until now, are shown."""
        appuis = self.autour(montrees) | {_PARTOUT}
        trouvees = {k: f for appui in appuis if appui in self._sur for k, f in self._sur[appui].items()}
        return sorted(trouvees.values(), key=lambda f: f.ordre)

    def autour(self, formes: Iterable[Forme]) -> set[Appui]:
        """The communes of some formes, and what holds their cells."""
        cellules = {c for forme in formes for c in forme.vecteur}
        return {*map(self._lieu_de, cellules), *map(self._jeu.tenue, cellules)}
