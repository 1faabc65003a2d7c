"""What has to be hidden besides, again until every hidden forme keeps enough values.

Belongs here: elimination and intervals in turn, on one system. Does not: which formes are protected first.

EPCI 9 is A 1, B 1 and C 7; A and B are hidden. 9 - 7 leaves them 2 together, of two counts of 1 at least: no
subtraction gives A, yet A is 1. The interval of A, [1, 1], is held by the EPCI and by C: C, the smallest
figure that holds it, is hidden too, and everything is decided again.
"""

from typing import Any

from confidentialite.moteur.bornes import intervalles
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import DejaDivulguees, eliminer
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Etat, Forme, Systeme
from confidentialite.moteur.phases.incidents import incident
from confidentialite.moteur.phases.restes import contributeurs_seuls, separer_publies
from confidentialite.moteur.programmes import Intervalle, Memoire, entiers


def resoudre(chantier: Chantier) -> tuple[Espace, dict[int, Forme]]:
    """Decide which formes of a system are published.

    Return the space these span and, of each forme hidden besides (by its `id`), one that it protects. Raises
    DivulgationAnterieure when what is known outside gives a protected one away.
    """
    systeme, parametres, defenses = chantier.systeme, chantier.parametres, chantier.defenses
    premier = parametres.premiers.valeur[0]
    seuls, planchers = contributeurs_seuls(chantier), _planchers(chantier)
    memoire = Memoire(systeme.vraies)
    pour: dict[int, Forme] = {}

    def assez(forme: Forme, bas: float, haut: float) -> bool:
        large = entiers(bas, haut) >= parametres.alternatives_min.valeur
        return large and haut >= planchers.get(id(forme), 0)

    while True:
        try:
            espace = eliminer(systeme.formes, premier, defenses, seuls)
        except DejaDivulguees as deja:
            raise incident(chantier, deja.formes) from None
        trouves = (
            intervalles(
                systeme,
                premier,
                zero_connu=parametres.zero_publiable.valeur,
                assez=assez,
                memoire=memoire,
            )
            if defenses.bornes
            else []
        )
        serres = [i for i in trouves if not assez(i.forme, i.bas, i.haut)]
        retirees = [(f, i.forme) for i in serres if (f := _a_retirer(systeme, i)) is not None]
        for forme, protegee in retirees:
            forme.etat = Etat.RETENUE
            pour[id(forme)] = protegee
        if retirees:
            continue
        # All that could loosen them is known outside: hiding more would not help.
        if serrees := [i.forme for i in serres if i.forme.protegee]:
            raise incident(chantier, serrees)
        if not (defenses.secondaires and separer_publies(chantier)):
            return espace, espace.gardes | pour
        seuls, planchers = contributeurs_seuls(chantier), _planchers(chantier)
        memoire.blocs.clear()


def _planchers(chantier: Chantier) -> dict[int, float]:
    """Of each dominated amount, what its upper bound must reach: the largest contribution over k."""
    k = chantier.parametres.dominance_k.valeur
    return {id(chantier.forme(cle)): float(maximum) / k for cle, maximum in chantier.maxima.items()}


def _a_retirer(systeme: Systeme, serre: Intervalle) -> Forme | None:
    """The published forme that costs least to hide and loosens an interval that is too tight.

    First the smallest neighbour: a cell of the territories that hold the interval. When none is left, the
    narrowest of these territories. None when everything that could help is known outside.
    """
    lieux = serre.cellules | serre.forme.vecteur.keys()
    mesures = {m for _, m in systeme.cles[systeme.formes.index(serre.forme)].termes}
    meilleure: tuple[tuple[Any, ...], Forme] | None = None
    for k, (cle, forme) in enumerate(zip(systeme.cles, systeme.formes, strict=True)):
        if not forme.publiee or forme.connue or forme.retenue:
            continue
        seul = len(forme.vecteur) == 1
        if not (forme.vecteur.keys() <= lieux if seul else k in serre.liantes):
            continue
        rang = (seul, any(m in mesures for _, m in cle.termes), forme.ordre)
        if meilleure is None or rang > meilleure[0]:
            meilleure = rang, forme
    return meilleure and meilleure[1]
