"""Groups that are neighbours, once each is decided: what majorations between them still tell.

Belongs here: the joint system of several groups, and deciding again the one of them that has to hide more.
Does not: deciding a group by itself (`resolution.py`), nor what is known of a system (`bornes.py`).

Communes A and B have 3 and 5 familles, hidden, 8 in their EPCI; and 3 and 5 foyers, shown in another group.
Familles are foyers: A has 3 at most, B 5 at most, hence each as many. The foyers of B are hidden too, and
their group publishes no more than it did; what it hides for a neighbour is not tried to be shown again.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from confidentialite.moteur.bornes import reunir
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Systeme, Vecteur
from confidentialite.moteur.gardes import Passe, Serree, Tour, du_dehors
from confidentialite.moteur.montants import a_atteindre
from confidentialite.moteur.phases.incidents import incident
from confidentialite.moteur.programmes import Memoire
from confidentialite.moteur.resolution import Solution, cacher, restreindre


def accorder(chantiers: list[Chantier], solutions: list[Solution]) -> list[Solution]:
    """Return the solutions once nothing is known too closely by majorations between the groups.

    Raises DivulgationAnterieure.
    """
    liens = _liens(chantiers)
    if not liens:
        return solutions
    vraies = {c: v for chantier in chantiers for c, v in chantier.systeme.vraies.items()}
    collees = _collees(chantiers, liens, vraies)
    solutions, memoire = [*solutions], Memoire(vraies)
    while True:
        systeme = _reunir(chantiers, collees)
        serrees = _ecouter(chantiers, solutions, systeme, liens, memoire)
        cachees = cacher(systeme, serrees, Passe())
        du_chantier = {id(f): k for k, c in enumerate(chantiers) for f in c.systeme.formes}
        if not cachees:
            if perdues := [s.forme for s in serrees if s.forme.protegee]:
                raise incident(chantiers[du_chantier[id(perdues[0])]], perdues)
            return solutions
        for k in sorted({du_chantier[i] for i in cachees}):
            solutions[k].pour |= {i: f for i, f in cachees.items() if du_chantier[i] == k}
            solutions[k] = restreindre(chantiers[k], solutions[k])


def _liens(chantiers: list[Chantier]) -> list[Vecteur]:
    """What is never negative in each commune, by majorations of the mesures of all."""
    premier = chantiers[0]
    lectures = {m: c.lecture for c in chantiers for m in c.groupe.mesures}
    liens: list[Vecteur] = []
    for touts, parts in premier.groupe.majorations if premier.defenses.fermeture else ():
        termes = [(1, m) for m in touts] + [(-1, m) for m in parts]
        for atome in sorted(set().union(*(lectures[m].communes[m] for m in parts))):
            vecteur: Vecteur = {}
            valeur = Decimal(0)
            for signe, mesure in termes:
                lecture = lectures[mesure]
                for cellule, sens in lecture.vecteur_en(((signe, mesure),), atome).items():
                    vecteur[cellule] = vecteur.get(cellule, 0) + sens
                if (lue := lecture.communes[mesure].get(atome)) is not None:
                    valeur += signe * lue.valeur
            # Two registers may contradict each other: that part is in no known whole.
            if valeur >= 0 and any(v < 0 for v in vecteur.values()):
                liens.append({c: v for c, v in vecteur.items() if v})
    return liens


def _ecouter(
    chantiers: list[Chantier],
    solutions: list[Solution],
    systeme: Systeme,
    liens: list[Vecteur],
    memoire: Memoire,
) -> Sequence[Serree]:
    """Formes that anybody knows too closely, by what is published of all groups."""
    plafonds, planchers = dict[int, float](), dict[int, float]()
    for chantier in chantiers:
        bas, haut = a_atteindre(chantier)
        plafonds |= bas
        planchers |= haut
    premiers = [0, *accumulate(len(c.systeme.formes) for c in chantiers)][:-1]
    # What they do not tie together was judged group by group.
    blocs = reunir([s.decoupage for s in solutions], premiers, liens)
    espace = solutions[0].espace
    return du_dehors(
        Tour(chantiers[0], espace, memoire, (), plafonds, planchers, reuni=systeme, voisinage=blocs)
    )


def _reunir(chantiers: list[Chantier], collees: dict[int, set[int]]) -> Systeme:
    """One system of those of several groups, whose cells have numbers of their own."""
    premier = chantiers[0].systeme
    systeme = Systeme(premier.nom, premier.millesime, premier.entiers, collees=collees)
    for siens in (c.systeme for c in chantiers):
        systeme.cles += siens.cles
        systeme.formes += siens.formes
        systeme.valeurs += siens.valeurs
    return systeme


def _collees(
    chantiers: list[Chantier], liens: list[Vecteur], vraies: Mapping[int, Decimal]
) -> dict[int, set[int]]:
    """Of each cell, those that it moves with, for a whole is no more than its part."""
    collees: dict[int, set[int]] = {}
    for vecteur in (*liens, *(v for chantier in chantiers for v in chantier.systeme.majorations)):
        if not sum(vraies[c] * v for c, v in vecteur.items()):
            for cellule in vecteur:
                collees.setdefault(cellule, set()).update(vecteur)
    return collees
