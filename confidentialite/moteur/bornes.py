"""Intervals that remain for protected formes: what non-negativity and known shares still tell.

Belongs here: what is known of a system, cut into blocks. Does not: the programs (`programmes.py`), nor the
exact test (`espace.py`); the auditor's intervals are written apart on purpose (`confidentialite.preuve`).

No linear dependence is needed to give a cell away: of two hidden counts that add up to 2, each is 1. So the
suppressor solves, for each protected forme, its smallest and largest value under what is published, and
hides more where fewer than `alternatives_min` integers are left.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from confidentialite.moteur.ecarts import Ecart, Ecarts
from confidentialite.moteur.echanges import amplitudes
from confidentialite.moteur.ensembles import Ensembles
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Forme, Systeme, Vecteur
from confidentialite.moteur.programmes import Bloc, Contrainte, Intervalle, Memoire, SansOptimum
from socle.erreurs import ErreurPublication

# Cells of a block beyond which another table is looked for near a forme before a program is solved on all.
_GRAND: Final = 500


@dataclass(frozen=True)
class Decoupage:
    """What is known of a system, in blocks that share no unknown cell; `connues`: the known cells."""

    blocs: list[Bloc]
    connues: Mapping[int, Decimal]

    def a_juger(self) -> list[Bloc]:
        """The blocks that hide something."""
        return [bloc for bloc in self.blocs if bloc.formes]


def decouper(systeme: Systeme, premier: int, *, zero_connu: bool) -> Decoupage:
    """Cut what is known of a system into blocks."""
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
    contraintes = _equations(systeme, connues, premier) + _majorations(systeme.majorations, connues)
    cachees = [f for f in systeme.formes if not (f.publiee or f.connue) and (f.montree or f.cachee)]
    return Decoupage(_blocs(contraintes, cachees, connues, dict.fromkeys(masquees, plancher)), connues)


def preciser(systeme: Systeme, decoupage: Decoupage, publiees: Iterable[int]) -> tuple[Decoupage, list[Bloc]]:
    """Cut again once some formes more are published, by their rank; and which blocks are new.

    Communes A and B of one EPCI and C and D of another are hidden: with C published, the block of A and B is
    as it was, and D is left alone in what remains of C and D.
    """
    dites: dict[int, Decimal] = {}
    sommes: list[int] = []
    for k in publiees:
        vecteur = systeme.formes[k].vecteur
        if len(vecteur) > 1:
            sommes.append(k)
        else:
            ((cellule, signe),) = vecteur.items()
            dites[cellule] = systeme.valeurs[k] * signe
    connues = {**decoupage.connues, **dites}
    touchees = dites.keys() | {c for k in sommes for c in systeme.formes[k].vecteur if c not in connues}
    anciens = [bloc for bloc in decoupage.blocs if not touchees.isdisjoint(bloc.cellules)]
    contraintes = [c for bloc in anciens for x in bloc.contraintes if (c := _sachant(x, dites)).vecteur]
    for k in sommes:
        vecteur, decale = _restreinte(systeme.formes[k].vecteur, connues)
        if vecteur:
            valeur = float(systeme.valeurs[k] - decale)
            contraintes.append(Contrainte(vecteur, valeur, valeur, k, systeme.formes[k].vecteur))
    cachees = [f for bloc in anciens for f in bloc.formes if not f.publiee]
    planchers = {c: p for bloc in anciens for c, p in zip(bloc.cellules, bloc.planchers, strict=True)}
    nouveaux = _blocs(contraintes, cachees, connues, planchers)
    restent = [bloc for bloc in decoupage.blocs if touchees.isdisjoint(bloc.cellules)]
    return Decoupage([*restent, *nouveaux], connues), [bloc for bloc in nouveaux if bloc.formes]


def _sachant(contrainte: Contrainte, dites: Mapping[int, Decimal]) -> Contrainte:
    """A constraint once some cells are known."""
    if dites.keys().isdisjoint(contrainte.vecteur):
        return contrainte
    vecteur, decale = _restreinte(contrainte.vecteur, dites)
    bas, haut = contrainte.bas - float(decale), contrainte.haut - float(decale)
    return Contrainte(vecteur, bas, haut, contrainte.source, contrainte.cellules)


def reunir(decoupages: Sequence[Decoupage], premiers: Sequence[int], liens: Iterable[Vecteur]) -> list[Bloc]:
    """The blocks of several systems that sums never negative (`liens`) tie together.

    `premiers`: the rank, in the joint system, of the first forme of each.
    """
    connues: dict[int, Decimal] = {}
    for decoupage in decoupages:
        connues |= decoupage.connues
    majorations = _majorations(liens, connues)
    liees = {c for x in majorations for c in x.vecteur}
    contraintes, cachees, planchers = [*majorations], list[Forme](), dict[int, float]()
    for decoupage, premier in zip(decoupages, premiers, strict=True):
        for bloc in decoupage.blocs:
            if liees.isdisjoint(bloc.cellules):
                continue
            cachees += bloc.formes
            planchers |= zip(bloc.cellules, bloc.planchers, strict=True)
            for x in bloc.contraintes:
                source = None if x.source is None else premier + x.source
                contraintes.append(Contrainte(x.vecteur, x.bas, x.haut, source, x.cellules))
    return [bloc for bloc in _blocs(contraintes, cachees, connues, planchers) if bloc.formes]


def intervalles_des_blocs(
    systeme: Systeme,
    blocs: Iterable[Bloc],
    assez: Callable[[Forme, float, float], bool],
    memoire: Memoire | None,
) -> list[Intervalle]:
    """Interval of each hidden forme of some blocks of a system."""
    if memoire is None:
        return [i for bloc in blocs for i in _resoudre(systeme, bloc, assez, None)]
    cles = [(bloc.cle(), bloc) for bloc in blocs]
    larges = _larges([bloc for cle, bloc in cles if cle not in memoire.blocs], assez, memoire)
    trouves: list[Intervalle] = []
    for cle, bloc in cles:
        if cle not in memoire.blocs:
            etroites = [f for f in bloc.formes if id(f) not in larges]
            siens = [larges[id(f)] for f in bloc.formes if id(f) in larges]
            if etroites:
                siens += _resoudre(systeme, bloc.sur(etroites), assez, memoire)
            memoire.blocs[cle] = siens
        trouves += memoire.blocs[cle]
    return trouves


def _larges(
    blocs: Sequence[Bloc], assez: Callable[[Forme, float, float], bool], memoire: Memoire
) -> dict[int, Intervalle]:
    """The formes, by their `id`, that exchanges of two communes prove wide enough: most, at little cost."""
    formes = [f for bloc in blocs for f in bloc.formes]
    if not formes:
        return {}
    contraintes = [c for bloc in blocs for c in bloc.contraintes]
    planchers = {c: p for bloc in blocs for c, p in zip(bloc.cellules, bloc.planchers, strict=True)}
    larges = {}
    ecarts = amplitudes(formes, contraintes, planchers, memoire.vraies)
    for forme, (moins, plus) in zip(formes, ecarts, strict=True):
        vraie = sum(memoire.vraies[c] * v for c, v in forme.vecteur.items())
        if assez(forme, vraie + moins, vraie + plus):
            larges[id(forme)] = Intervalle(forme, vraie + moins, vraie + plus, frozenset(), frozenset())
    return larges


def _resoudre(
    systeme: Systeme,
    bloc: Bloc,
    assez: Callable[[Forme, float, float], bool],
    memoire: Memoire | None,
) -> list[Intervalle]:
    try:
        if memoire is None or not systeme.entiers or len(bloc.cellules) < _GRAND:
            return bloc.intervalles(assez, memoire)
        vraies, siennes = memoire.vraies, set(bloc.cellules)
        ecarts = cache(lambda: Ecarts(bloc, vraies, entiers=True))

        def de_pres(forme: Forme) -> Ecart | None:
            # One more, or one less, is enough of most counts.
            return ecarts().de_pres({c: v for c, v in forme.vecteur.items() if c in siennes}, 1)

        return bloc.intervalles(assez, memoire, de_pres)
    except SansOptimum as statut:
        raise sans_optimum(systeme, bloc, statut) from None


def sans_optimum(systeme: Systeme, bloc: Bloc, statut: SansOptimum) -> ErreurPublication:
    """Say which programs cannot be solved."""
    return ErreurPublication(
        f"secret: the bounds of {len(bloc.formes)} hidden cells of {systeme.nom} {systeme.millesime} "
        f"cannot be solved (HiGHS says {statut}, optimal or unbounded is expected), so that nothing "
        "is published. Infeasible means that no table has these figures: look in the aggregates of "
        f"that millésime for a part larger than its whole (`{systeme.nom}` and the mesures that "
        "relations.csv and the dictionary tie to it)."
    )


def _restreinte(vecteur: Vecteur, connues: Mapping[int, Decimal]) -> tuple[Vecteur, Decimal]:
    """What of a vector is not known, and the value of the rest."""
    decale = sum((connues[c] * v for c, v in vecteur.items() if c in connues), Decimal(0))
    return {c: v for c, v in vecteur.items() if c not in connues}, decale


def _equations(systeme: Systeme, connues: dict[int, Decimal], premier: int) -> list[Contrainte]:
    """What is published, and what producers round."""
    contraintes = []
    # Narrow territories first: a wide one that they add up to would tie all of them into one program.
    espace = Espace(premier, lambda c: (c,))
    for i, forme in sorted(enumerate(systeme.formes), key=lambda paire: len(paire[1].vecteur)):
        if not (forme.publiee or forme.connue) or forme.vecteur.keys() <= connues.keys():
            continue
        vecteur, decale = _restreinte(forme.vecteur, connues)
        if not espace.implique(vecteur):
            espace.publier(vecteur, singletons=False, forcer=True)
            valeur = float(systeme.valeurs[i] - decale)
            contraintes.append(Contrainte(vecteur, valeur, valeur, i, forme.vecteur))
    for vecteur_, bas, haut in systeme.intervalles:
        vecteur, decale = _restreinte(vecteur_, connues)
        if vecteur:
            bornes = float(bas - decale), float(haut - decale)
            contraintes.append(Contrainte(vecteur, *bornes, None, vecteur_))
    return contraintes


def _majorations(vecteurs: Iterable[Vecteur], connues: Mapping[int, Decimal]) -> list[Contrainte]:
    """What parts may be of their wholes, in each commune; not what holds of any counts."""
    contraintes = []
    for vecteur_ in vecteurs:
        # Most communes are shown.
        if vecteur_.keys() <= connues.keys():
            continue
        vecteur, decale = _restreinte(vecteur_, connues)
        if decale < 0 or min(vecteur.values()) < 0:
            contraintes.append(Contrainte(vecteur, float(-decale), math.inf, None, vecteur_))
    return contraintes


def _blocs(
    contraintes: list[Contrainte],
    cachees: list[Forme],
    connues: Mapping[int, Decimal],
    planchers: Mapping[int, float],
) -> list[Bloc]:
    """Hidden formes and constraints, in groups that share no unknown cell. `planchers`: zero elsewhere."""
    # Every inner cell is shown: only an implied forme can be so, and the exact test refuses those.
    libres = [(f, siennes) for f in cachees if (siennes := [c for c in f.vecteur if c not in connues])]
    vecteurs = [*(x.vecteur for x in contraintes), *(siennes for _, siennes in libres)]
    ensembles = Ensembles[int]()
    for vecteur in vecteurs:
        ensembles.lier(vecteur)
    racine = ensembles.racine
    blocs: dict[int, Bloc] = {}
    for cellule in dict.fromkeys(c for vecteur in vecteurs for c in vecteur):
        blocs.setdefault(racine(cellule), Bloc()).cellules.append(cellule)
    for forme, siennes in libres:
        blocs[racine(siennes[0])].formes.append(forme)
    for contrainte in contraintes:
        blocs[racine(next(iter(contrainte.vecteur)))].contraintes.append(contrainte)
    for bloc in blocs.values():
        bloc.connues = connues
        bloc.planchers = tuple(planchers.get(c, 0.0) for c in bloc.cellules)
    return list(blocs.values())
