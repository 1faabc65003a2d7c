"""Once every hidden forme is safe: show what need not be hidden, and hide a total where that costs less.

Belongs here: trying, on a system that is decided, with the guards that decided it. Does not: what a guard
finds (`gardes.py`), nor the decision (`resolution.py`).

The decision hides until nothing is too closely known, one forme after the other: of two hidden for the same
reason, the second may do for both, and the first is shown again. It also shows wide territories first: where
communes A, B and C, of 900 inhabitants together, are hidden for the total of an EPCI of 800 that only one row
shows, hiding the total and showing A, B and C costs readers less.
"""

from collections import defaultdict

from confidentialite.moteur.chantier import Chantier, Photo
from confidentialite.moteur.formes import Etat, Forme
from confidentialite.moteur.phases.incidents import DivulgationAnterieure
from confidentialite.moteur.phases.restes import separer_publies
from confidentialite.moteur.resolution import Solution, proposer, resoudre


def alleger(chantier: Chantier, solution: Solution) -> Solution:
    """Return a solution as safe as the one given, of which no forme can be shown, and that costs no more.

    Where a total is hidden instead of what it holds, everything is decided again without it. It is only tried
    where what is hidden inside costs more than the total does.
    """
    if not chantier.defenses.secondaires:
        return solution
    solution = _remontrer(chantier, solution)
    for total in _totaux(chantier):
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
    """Show each forme that a guard had hidden where all of them now allow it, the dearest first."""
    retenues = [f for f in chantier.systeme.formes if f.retenue and id(f) in solution.pour]
    for forme in sorted(retenues, key=lambda f: (-f.cout, f.ordre)):
        avant = chantier.photographier()
        solution = _essayer(chantier, solution, forme, avant)
    return solution


def _essayer(chantier: Chantier, solution: Solution, forme: Forme, avant: Photo) -> Solution:
    """The solution with a forme shown besides; else as it was, and what the forme is hidden for."""
    montrees = {id(f) for f in chantier.systeme.formes if f.publiee} | {id(forme)}
    forme.etat = Etat.LIBRE
    espace, serrees = proposer(chantier, solution.memoire, montrees)
    refusee = next((f for f in chantier.systeme.formes if id(f) in montrees and not f.publiee), None)
    if refusee is None and not serrees and not separer_publies(chantier):
        del solution.pour[id(forme)]
        return Solution(espace, solution.pour, solution.memoire)
    if refusee is not None and (garde := espace.gardes.get(id(refusee))) is not None:
        solution.pour[id(forme)] = garde
    elif serrees:
        solution.pour[id(forme)] = serrees[0].forme
    chantier.retablir(avant)
    return solution


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
