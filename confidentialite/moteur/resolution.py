"""What has to be hidden besides, again until no guard finds a hidden forme too closely known.

Belongs here: elimination and guards in turn, on one system. Does not: which formes are protected first, nor
what a guard finds (`gardes.py`), nor showing again what turns out not to be needed (`allegement.py`).

EPCI 9 is A 1, B 1 and C 7; A and B are hidden. 9 - 7 leaves them 2 together, of two counts of 1 at least: no
subtraction gives A, yet A is 1. The interval of A, [1, 1], is held by the EPCI and by C: C, the smallest
figure that holds it, is hidden too, and everything is decided again.
"""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Final

from confidentialite.moteur.bornes import Decoupage
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.contributeurs import des_contributeurs
from confidentialite.moteur.elimination import DejaDivulguees, eliminer
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Etat, Forme, Systeme
from confidentialite.moteur.gardes import Garde, Passe, Serree, Tour, du_dehors
from confidentialite.moteur.montants import a_atteindre, du_second
from confidentialite.moteur.phases.combinaisons import separer_combinaisons
from confidentialite.moteur.phases.incidents import incident
from confidentialite.moteur.phases.restes import contributeurs, contributeurs_seuls
from confidentialite.moteur.programmes import Memoire
from confidentialite.moteur.rejeu import du_rejeu

# In this order: what costs little first. One is asked once those before it find nothing. The first ones ask
# what is left of each value, whatever the space that is published; the last one looks in it.
DES_VALEURS: Final[tuple[Garde, ...]] = (du_dehors, des_contributeurs, du_second)
DE_L_ESPACE: Final[tuple[Garde, ...]] = (du_rejeu,)
GARDES: Final[tuple[Garde, ...]] = (*DES_VALEURS, *DE_L_ESPACE)


@dataclass
class Solution:
    """Which formes are published (`publiee` of each), and why others are not.

    `espace`: what the published ones span; `decoupage`: what is known by them. `pour`: of each forme that a
    guard had hidden (by its `id`), one that it protects. `memoire` may serve the next round.
    """

    espace: Espace
    decoupage: Decoupage
    pour: dict[int, Forme]
    memoire: Memoire

    def garde(self, forme: Forme) -> Forme | None:
        """A forme that another one, hidden besides, protects."""
        return self.pour.get(id(forme)) or self.espace.gardes.get(id(forme))


def resoudre(chantier: Chantier) -> Solution:
    """Decide which formes of a system are published.

    Raises DivulgationAnterieure when what is known outside gives a protected one away.
    """
    memoire, passe = Memoire(chantier.systeme.vraies), Passe()
    pour: dict[int, Forme] = {}
    avant: set[int] = set()
    while True:
        espace = publier(chantier, avant=avant)
        avant = {id(f) for f in chantier.systeme.formes if f.publiee}
        tour = faire_le_tour(chantier, espace, memoire, passe)
        serrees = ecouter(tour)
        cachees = cacher(chantier.systeme, serrees, passe)
        pour |= cachees
        if cachees:
            passe.montrees |= avant
            continue
        # All that could loosen them is known outside: hiding more would not help. What a lone contributor was
        # told is told; to let the cell go would tell it to all.
        if perdues := [s.forme for s in serrees if s.forme.protegee and not s.a_un_seul]:
            raise incident(chantier, perdues)
        if not (chantier.defenses.secondaires and separer_combinaisons(chantier, espace)):
            return Solution(espace, tour.decoupage, pour, memoire)
        # Other formes are protected: what told nothing of those before may tell these.
        memoire.oublier_les_blocs()
        avant = set()


def restreindre(chantier: Chantier, solution: Solution) -> Solution:
    """Return a solution without the formes of it that are now retained, and nothing that it does not publish.

    Who finds nothing in what it publishes finds nothing in less: only the guard of replay is asked again.
    Raises DivulgationAnterieure.
    """
    pour, passe = solution.pour, Passe()
    while True:
        espace = publier(chantier, {id(f) for f in chantier.systeme.formes if f.publiee})
        espace.accuses |= solution.espace.accuses
        espace.gardes = solution.espace.gardes | espace.gardes
        tour = faire_le_tour(chantier, espace, solution.memoire, passe)
        if not (cachees := cacher(chantier.systeme, ecouter(tour, DE_L_ESPACE), passe)):
            return Solution(espace, tour.decoupage, pour, solution.memoire)
        pour = pour | cachees


def publier(chantier: Chantier, parmi: Container[int] | None = None, avant: Container[int] = ()) -> Espace:
    """Publish what the elimination allows, `parmi` some formes by their `id`; return the space it spans.

    `avant`: what the proposal before published. Raises DivulgationAnterieure.
    """
    seuls = contributeurs_seuls(chantier)
    premier = chantier.parametres.premiers.valeur[0]
    try:
        return eliminer(chantier.systeme.formes, premier, chantier.defenses, seuls, parmi, avant)
    except DejaDivulguees as deja:
        raise incident(chantier, deja.formes) from None


def faire_le_tour(chantier: Chantier, espace: Espace, memoire: Memoire, passe: Passe) -> Tour:
    """What a guard is given."""
    return Tour(chantier, espace, memoire, contributeurs(chantier), *a_atteindre(chantier), passe)


def ecouter(tour: Tour, gardes: Sequence[Garde] = ()) -> Sequence[Serree]:
    """What the first guard to object finds, of all or of some: to be kept, or loosened by hiding more."""
    for garde in gardes or GARDES:
        serrees = garde(tour)
        if any(s.forme.protegee and not s.a_un_seul for s in serrees):
            return serrees
        if serrees and any(map(_Retirables(tour.systeme).choisir, serrees)):
            return serrees
    return ()


def cacher(systeme: Systeme, serrees: Sequence[Serree], passe: Passe) -> dict[int, Forme]:
    """Hide what loosens these; each forme hidden, by its `id`, and what for."""
    cachees: dict[int, Forme] = {}
    retirables = _Retirables(systeme)
    for forme, serree in [(retirables.choisir(s), s) for s in serrees]:
        if forme is not None:
            forme.etat = Etat.RETENUE
            cachees[id(forme)] = serree.forme
            passe.serrees.append(serree)
    return cachees


class _Retirables:
    """The published formes of a system that may be hidden, as they stand."""

    def __init__(self, systeme: Systeme) -> None:
        self._systeme = systeme
        self._rangs = {id(f): k for k, f in enumerate(systeme.formes)}
        # By rank: those of one cell, by this cell, and the others.
        self._seules: dict[int, list[int]] = defaultdict(list)
        self._larges: set[int] = set()
        for k, forme in enumerate(systeme.formes):
            if not forme.publiee or forme.connue or forme.retenue:
                continue
            if len(forme.vecteur) > 1:
                self._larges.add(k)
            else:
                self._seules[next(iter(forme.vecteur))].append(k)

    def choisir(self, serree: Serree) -> Forme | None:
        """The one that costs least to hide and loosens a forme that is too closely known.

        First the smallest neighbour: a cell of the territories that hold the forme, which may take what the
        forme would leave. A cell that a whole of its own size holds in place may not, unless that whole is
        what holds the forme too. Of an amount whose bound falls short by 200: of 50, 300 and 900, the cell of
        300, the smallest that makes up for it; of 50 and 80, the 80. When no cell is left, the narrowest of
        these territories. None when everything that could help is known outside.
        """
        systeme, collees = self._systeme, self._systeme.collees
        siennes = set().union(*(collees.get(c, ()) for c in serree.forme.vecteur))
        mesures = {m for _, m in systeme.cles[self._rangs[id(serree.forme)]].termes}

        def rang(k: int) -> tuple[Any, ...]:
            cle, forme = systeme.cles[k], systeme.formes[k]
            mobile = all(c not in collees or c in siennes for c in forme.vecteur)
            valeur = abs(float(systeme.valeurs[k]))
            apporte = (min(valeur, serree.manque), -valeur if valeur >= serree.manque > 0 else 0.0)
            return mobile, any(m in mesures for _, m in cle.termes), apporte, forme.ordre

        lieux = serree.cellules | serree.forme.vecteur.keys()
        seules = [k for c in lieux for k in self._seules.get(c, ())]
        choisie = max(seules or serree.liantes & self._larges, key=rang, default=None)
        return None if choisie is None else systeme.formes[choisie]
