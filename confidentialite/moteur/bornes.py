"""Intervals that remain for protected formes: what non-negativity and known shares still tell.

Belongs here: what is known of a system, cut into blocks. Does not: the programs (`programmes.py`), nor the
exact test (`espace.py`); the auditor's intervals are written apart on purpose (`confidentialite.preuve`).

No linear dependence is needed to give a cell away: of two hidden counts that add up to 2, each is 1. So the
suppressor solves, for each protected forme, its smallest and largest value under what is published, and
hides more where fewer than `alternatives_min` integers are left.
"""

import math
from collections.abc import Callable
from decimal import Decimal

from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Forme, Systeme, Vecteur
from confidentialite.moteur.programmes import Bloc, Contrainte, Intervalle, Memoire, SansOptimum
from socle.erreurs import ErreurPublication


def intervalles(
    systeme: Systeme,
    premier: int,
    *,
    zero_connu: bool,
    assez: Callable[[Forme, float, float], bool] = lambda *_: False,
    memoire: Memoire | None = None,
) -> list[Intervalle]:
    """Interval of each hidden forme of a system, as its `publiee` stand.

    `premier`: the prime of the exact test. `zero_connu`: zeros are shown, so that a hidden count is 1 at
    least. `assez(forme, low, high)`: whether an interval is wide enough not to be looked into further; every
    solution found for one forme is a possible table, and so widens what is known of the others. Raises
    ErreurPublication when the solver ends otherwise than optimal or unbounded.
    """
    connues: dict[int, Decimal] = {}
    masquees: set[int] = set()
    for forme, valeur in zip(systeme.formes, systeme.valeurs, strict=True):
        if len(forme.vecteur) != 1:
            continue
        ((cellule, signe),) = forme.vecteur.items()
        if forme.publiee or forme.connue:
            connues[cellule] = valeur * signe
        elif forme.montree:
            masquees.add(cellule)
    plancher = 1.0 if zero_connu and systeme.entiers else 0.0
    contraintes = _contraintes(systeme, connues, premier)
    cachees = [f for f in systeme.formes if not (f.publiee or f.connue) and (f.montree or f.cachee)]
    trouves = []
    for bloc in _blocs(contraintes, cachees, connues):
        planchers = tuple(plancher if c in masquees else 0.0 for c in bloc.cellules)
        cle = bloc.cle(planchers, connues)
        if memoire is not None and cle in memoire.blocs:
            trouves += memoire.blocs[cle]
            continue
        bloc.preparer(planchers)
        try:
            siens = bloc.intervalles(connues, assez, memoire)
            trouves += siens
            if memoire is not None:
                memoire.blocs[cle] = siens
        except SansOptimum as statut:
            raise ErreurPublication(
                f"secret: the bounds of {len(bloc.formes)} hidden cells of {systeme.nom} {systeme.millesime} "
                f"cannot be solved (HiGHS says {statut}, optimal or unbounded is expected), so that nothing "
                "is published. Infeasible means that no table has these figures: look in the aggregates of "
                f"that millésime for a part larger than its whole (`{systeme.nom}` and the mesures that "
                "relations.csv and the dictionary tie to it)."
            ) from None
    return trouves


def _contraintes(systeme: Systeme, connues: dict[int, Decimal], premier: int) -> list[Contrainte]:
    def restreinte(vecteur: Vecteur) -> tuple[Vecteur, Decimal]:
        decale = sum((connues[c] * v for c, v in vecteur.items() if c in connues), Decimal(0))
        return {c: v for c, v in vecteur.items() if c not in connues}, decale

    contraintes = []
    # Narrow territories first: a wide one that they add up to would tie all of them into one program.
    espace = Espace(premier, lambda c: (c,))
    for i, forme in sorted(enumerate(systeme.formes), key=lambda paire: len(paire[1].vecteur)):
        if not (forme.publiee or forme.connue):
            continue
        vecteur, decale = restreinte(forme.vecteur)
        if vecteur and not espace.implique(vecteur):
            espace.publier(vecteur, singletons=False, forcer=True)
            valeur = float(systeme.valeurs[i] - decale)
            contraintes.append(Contrainte(vecteur, valeur, valeur, i, forme.vecteur))
    for vecteur_, bas, haut in systeme.intervalles:
        vecteur, decale = restreinte(vecteur_)
        if vecteur:
            bornes = float(bas - decale), float(haut - decale)
            contraintes.append(Contrainte(vecteur, *bornes, None, vecteur_))
    for vecteur_ in systeme.majorations:
        vecteur, decale = restreinte(vecteur_)
        if vecteur:
            contraintes.append(Contrainte(vecteur, float(-decale), math.inf, None, vecteur_))
    return contraintes


def _blocs(contraintes: list[Contrainte], cachees: list[Forme], connues: dict[int, Decimal]) -> list[Bloc]:
    """Hidden formes and constraints, in groups that share no unknown cell."""
    parent: Vecteur = {}

    def racine(c: int) -> int:
        while parent.setdefault(c, c) != c:
            parent[c] = parent[parent[c]]
            c = parent[c]
        return c

    for vecteur in (*(x.vecteur for x in contraintes), *(f.vecteur for f in cachees)):
        libres = [c for c in vecteur if c not in connues]
        for autre in libres[1:]:
            a, b = racine(libres[0]), racine(autre)
            parent[max(a, b)] = min(a, b)
    blocs: dict[int, Bloc] = {}
    for forme in cachees:
        libres = [c for c in forme.vecteur if c not in connues]
        # Every inner cell is shown: only an implied forme can be so, and the exact test refuses those.
        if libres:
            blocs.setdefault(racine(libres[0]), Bloc()).formes.append(forme)
    for cellule in list(parent):
        if (r := racine(cellule)) in blocs:
            blocs[r].cellules.append(cellule)
    for contrainte in contraintes:
        if (r := racine(next(iter(contrainte.vecteur)))) in blocs:
            blocs[r].contraintes.append(contrainte)
    return list(blocs.values())
