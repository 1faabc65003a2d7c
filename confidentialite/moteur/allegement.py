"""Once every hidden forme is safe: show what need not be hidden, and hide a total where that costs less.

Belongs here: trying, on a system that is decided, with the guards that decided it. Does not: what a guard
finds (`gardes.py`), nor the decision (`resolution.py`).

The decision hides until nothing is too closely known, one forme after the other: of two hidden for the same
reason, the second may do for both, and the first is shown again. It also shows wide territories first: where
communes A, B and C, of 900 inhabitants together, are hidden for the total of an EPCI of 800 that only one row
shows, hiding the total and showing A, B and C costs readers less.
"""

from collections import defaultdict, deque
from collections.abc import Container
from typing import Final

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Etat, Forme
from confidentialite.moteur.gardes import Passe
from confidentialite.moteur.phases.combinaisons import separer_combinaisons
from confidentialite.moteur.phases.incidents import DivulgationAnterieure
from confidentialite.moteur.rejeu import reste_seule
from confidentialite.moteur.resolution import (
    DE_L_ESPACE,
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

    The guard of replay may object to a forme and no more to two: as long as some are shown, all are asked.
    """
    while _remontrer_une_fois(chantier, solution):
        pass
    return solution


def _remontrer_une_fois(chantier: Chantier, solution: Solution) -> bool:
    """Whether some forme could be shown."""
    montree = False
    sans_replique = _sans_replique(chantier, solution, solution.espace)
    retenues = [f for f in chantier.systeme.formes if f.retenue and id(f) in solution.pour]
    file = deque(sorted(retenues, key=lambda f: (-f.cout, f.ordre)))
    while file:
        forme = file.popleft()
        avant = chantier.photographier()
        forme.etat = Etat.LIBRE
        garde = _refus(chantier, solution, forme)
        if garde is None:
            garde = _montrer(chantier, solution, forme, sans_replique)
        if garde is not None:
            chantier.retablir(avant)
            solution.pour[id(forme)] = garde
            continue
        montree = True
        del solution.pour[id(forme)]
        # What the elimination had refused for its sake has to be asked again.
        for autre in _refusees_pour(chantier, solution, forme):
            solution.pour[id(autre)] = forme
            file.append(autre)
    return montree


def _refusees_pour(chantier: Chantier, solution: Solution, forme: Forme) -> list[Forme]:
    gardes = solution.espace.gardes
    return [f for f in _secondaires(chantier) if gardes.get(id(f)) is forme and id(f) not in solution.pour]


def _refus(chantier: Chantier, solution: Solution, forme: Forme) -> Forme | None:
    """What one more forme would give away, where that is seen before it is published."""
    singletons = chantier.defenses.singletons
    if not solution.espace.publier(forme.vecteur, singletons=singletons, a_blanc=True):
        return solution.espace.garde
    forme.publiee = True
    serrees = ecouter(chantier, solution.espace, solution.memoire, Passe(), DES_VALEURS)
    forme.publiee = False
    return serrees[0].forme if serrees else None


def _montrer(
    chantier: Chantier, solution: Solution, forme: Forme, sans_replique: Container[int]
) -> Forme | None:
    """Publish a forme, and what it implies, unless that gives something away; return it then.

    `sans_replique`: formes that the guard of replay had given up, which may stay so.
    """
    espace, pour = solution.espace.copie(), solution.pour[id(forme)]
    espace.publier(forme.vecteur, singletons=False, forcer=True)
    forme.publiee = True
    for autre in chantier.systeme.formes:
        if autre.montree and not (autre.publiee or autre.cachee or autre.publique):
            autre.publiee = espace.implique(autre.vecteur)
    # Most of those that the guard of replay had hidden are still needed for the same one.
    if reste_seule(faire_le_tour(chantier, espace, solution.memoire, Passe()), pour):
        return pour
    apres = _sans_replique(chantier, solution, espace)
    if nouvelles := [i for i in apres if i not in sans_replique]:
        return apres[min(nouvelles, key=lambda i: apres[i].ordre)]
    if separer_combinaisons(chantier, espace):
        return pour
    solution.espace = espace
    return None


def _sans_replique(chantier: Chantier, solution: Solution, espace: Espace) -> dict[int, Forme]:
    """The formes, by their `id`, of which the guard of replay finds no other table."""
    serrees = ecouter(chantier, espace, solution.memoire, Passe(), DE_L_ESPACE)
    return {id(s.forme): s.forme for s in serrees}


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
