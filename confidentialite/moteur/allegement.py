"""Once every hidden forme is safe: show what need not be hidden, and hide a total where that costs less.

Belongs here: trying, on a system that is decided, with the guards that decided it. Does not: what a guard
finds (`gardes.py`), nor the decision (`resolution.py`).

The decision hides until nothing is too closely known, one forme after the other: of two hidden for the same
reason, the second may do for both, and the first is shown again. It also shows wide territories first: where
communes A, B and C, of 900 inhabitants together, are hidden for the total of an EPCI of 800 that only one row
shows, hiding the total and showing A, B and C costs readers less.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Final, NamedTuple

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Etat, Forme
from confidentialite.moteur.gardes import Passe
from confidentialite.moteur.phases.combinaisons import separer_combinaisons
from confidentialite.moteur.phases.incidents import DivulgationAnterieure
from confidentialite.moteur.portees import Appui, Portees
from confidentialite.moteur.rejeu import jeu_de
from confidentialite.moteur.resolution import (
    DES_VALEURS,
    Solution,
    ecouter,
    faire_le_tour,
    resoudre,
)

# Totals tried in one system, those that would spare readers most: each decides everything again.
_ESSAIS: Final = 5


def alleger(chantier: Chantier, solution: Solution) -> Solution:
    """Return a solution as safe as the one given, of which no forme can be shown, and that costs no more.

    Where a total is hidden instead of what it holds, everything is decided again without it. It is only tried
    where what is hidden inside costs more than the total does, and where something says what each costs.
    """
    if not chantier.defenses.secondaires:
        return solution
    solution = _remontrer(chantier, solution)
    if not chantier.groupe.poids:
        return solution
    for total in _totaux(chantier)[:_ESSAIS]:
        # The total before may have spared what this one would.
        if _economies(chantier).get(id(total), 0) <= 0:
            continue
        avant, cout = chantier.photographier(), chantier.cout()
        for forme in chantier.systeme.formes:
            if forme.retenue and id(forme) in solution.pour:
                forme.etat = Etat.LIBRE
        total.etat = Etat.RETENUE
        try:
            autre = resoudre(chantier)
            # What it is hidden for is found when showing it again is tried.
            autre.pour.setdefault(id(total), total)
            autre = _remontrer(chantier, autre)
        except DivulgationAnterieure:
            chantier.retablir(avant)
            continue
        if chantier.cout() < cout:
            solution = autre
        else:
            chantier.retablir(avant)
    return solution


def _remontrer(chantier: Chantier, solution: Solution) -> Solution:
    """Show each forme that a guard had hidden where all of them now allow it, the dearest first.

    The guard of replay may object to a forme and no more to two: one that was refused is tried again once
    something is shown around it, unless it would give a protected forme away: it always would.
    """
    refusees: dict[int, Set[Appui]] = {}
    essais = Essais(chantier, solution)
    while _remontrer_une_fois(essais, refusees):
        essais.recommencer()
    return solution


def _remontrer_une_fois(essais: "Essais", refusees: dict[int, Set[Appui]]) -> bool:
    """Whether some forme could be shown.

    `refusees`, by their `id`, are not tried: what each refusal rests on, where nothing was shown since.
    """
    montree, chantier, solution = False, essais.chantier, essais.solution
    retenues = [
        f for f in chantier.systeme.formes if f.retenue and id(f) in solution.pour and id(f) not in refusees
    ]
    file = deque(sorted(retenues, key=lambda f: (-f.cout, f.ordre)))
    while file:
        forme = file.popleft()
        issue = essais.montrer(forme)
        if isinstance(issue, Refus):
            solution.pour[id(forme)] = issue.garde
            refusees[id(forme)] = set() if issue.sans_appel else essais.autour((forme, issue.garde))
            continue
        montree, autour = True, essais.autour(issue)
        for autre in [autre for autre, appuis in refusees.items() if not appuis.isdisjoint(autour)]:
            del refusees[autre]
        del solution.pour[id(forme)]
        # What the elimination had refused for its sake has to be asked again.
        for secondaire in _refusees_pour(chantier, solution, forme):
            solution.pour[id(secondaire)] = forme
            file.append(secondaire)
    return montree


def _refusees_pour(chantier: Chantier, solution: Solution, forme: Forme) -> list[Forme]:
    gardes = solution.espace.gardes
    return [f for f in _secondaires(chantier) if gardes.get(id(f)) is forme and id(f) not in solution.pour]


class Refus(NamedTuple):
    """The forme that showing another would give away, and whether it would whatever more is shown."""

    garde: Forme
    sans_appel: bool = False


class Essais:
    """One more forme shown, then another one: each judged by all guards, where it changes something."""

    def __init__(self, chantier: Chantier, solution: Solution) -> None:
        """Begin from a solution."""
        self.chantier, self.solution = chantier, solution
        # What contributors know is the same all along.
        self._tour = faire_le_tour(chantier, solution.espace, solution.memoire, Passe())
        self._rangs = {id(f): k for k, f in enumerate(chantier.systeme.formes)}
        jeu = jeu_de(self._tour)
        self._portees = Portees(chantier, jeu) if jeu else None
        self._noter_les_eliminees()

    def _noter_les_eliminees(self) -> None:
        """Note what the elimination refuses, each with the cells of what is left of it."""
        espace = self.solution.espace
        self._eliminees = [
            (f, espace.reste(f.vecteur).keys()) for f in _secondaires(self.chantier) if not f.cachee
        ]

    def autour(self, formes: Iterable[Forme]) -> Set[Appui]:
        """Where to show a forme may change what was answered about these."""
        if self._portees:
            return self._portees.autour(formes)
        return {self.chantier.lecture.lieu_de(c) for forme in formes for c in forme.vecteur}

    def recommencer(self) -> None:
        """Go over all that is hidden again, once something was shown."""
        # A new tour: each keeps what is known when it is first asked, and that of the first one is of before.
        jeu = jeu_de(replace(self._tour))
        if jeu and self._portees:
            self._portees.completer(jeu)

    def montrer(self, forme: Forme) -> Refus | Sequence[Forme]:
        """Show a forme, and what it implies, these; or tell what that would give away, and show nothing."""
        chantier, solution = self.chantier, self.solution
        etat, forme.etat = forme.etat, Etat.LIBRE
        if not solution.espace.publier(forme.vecteur, singletons=chantier.defenses.singletons, a_blanc=True):
            garde = solution.espace.garde
            assert garde is not None
            forme.etat = etat
            return Refus(garde, garde.protegee)
        reste = solution.espace.reste(forme.vecteur).keys()
        retirer = solution.espace.essayer(forme.vecteur)
        # One forme implies another where what is left of both is on one line.
        avec = [
            forme,
            *(
                autre
                for autre, sien in self._eliminees
                if autre is not forme and sien == reste and solution.espace.implique(autre.vecteur)
            ),
        ]
        for autre in avec:
            autre.publiee = True
        if refus := self._objection(avec):
            retirer()
            for autre in avec:
                autre.publiee = False
            forme.etat = etat
            return refus
        self._noter_les_eliminees()
        return avec

    def _objection(self, avec: Sequence[Forme]) -> Refus | None:
        """What the guards say against these, that are shown; take note of what is known now if nothing."""
        chantier, solution, forme = self.chantier, self.solution, avec[0]
        pour, rangs = solution.pour[id(forme)], [self._rangs[id(f)] for f in avec]
        tour = replace(self._tour, depuis=(solution.decoupage, rangs))
        # Most of those that the guard of replay had hidden are still needed for the same one: it is asked
        # before programs are solved.
        jeu = jeu_de(tour)
        if jeu and jeu.reste_seule(pour):
            return Refus(pour)
        concernees = self._portees.concernees(avec) if self._portees else []
        if jeu and (nouvelle := next((f for f in concernees if jeu.reste_seule(f)), None)):
            return Refus(nouvelle)
        if garde := self._refus(forme, avec[1:]):
            return Refus(garde, garde.protegee)
        avant = chantier.photographier()
        if separer_combinaisons(chantier, solution.espace):
            chantier.retablir(avant)
            return Refus(pour)
        solution.decoupage = tour.decoupage
        if jeu and self._portees:
            self._portees.reprendre(jeu, concernees)
        return None

    def _refus(self, forme: Forme, impliquees: Sequence[Forme]) -> Forme | None:
        """What one more forme shown tells too closely, be it what it implies."""
        for autre in impliquees:
            autre.publiee = False
        # Elsewhere, nothing is known that was not before.
        depuis = self.solution.decoupage, [self._rangs[id(forme)]]
        serrees = ecouter(replace(self._tour, depuis=depuis), DES_VALEURS)
        for autre in impliquees:
            autre.publiee = True
        return serrees[0].forme if serrees else None


def _totaux(chantier: Chantier) -> list[Forme]:
    """Published sums of several cells that may be hidden, those that would spare readers most first."""
    economies = _economies(chantier)
    totaux = [f for f in chantier.systeme.formes if economies.get(id(f), 0) > 0]
    return sorted(totaux, key=lambda f: (-economies[id(f)], f.ordre))


def _economies(chantier: Chantier) -> dict[int, int]:
    """What readers would gain at most, total by total: what is hidden for others inside, less the total."""
    par_cellule: dict[int, list[Forme]] = defaultdict(list)
    for forme in _secondaires(chantier):
        par_cellule[min(forme.vecteur)].append(forme)
    economies = {}
    for total in chantier.systeme.formes:
        if total.publiee and total.etat is Etat.LIBRE and not total.connue and len(total.vecteur) > 1:
            cellules = total.vecteur.keys()
            economies[id(total)] = -total.cout + sum(
                f.cout
                for cellule in cellules & par_cellule.keys()
                for f in par_cellule[cellule]
                if f.vecteur.keys() <= cellules
            )
    return economies


def _secondaires(chantier: Chantier) -> list[Forme]:
    """Formes that some row would show, and that are hidden for others only."""
    return [
        f
        for f in chantier.systeme.formes
        if f.montree and not (f.publiee or f.protegee or f.publique or f.connue)
    ]
