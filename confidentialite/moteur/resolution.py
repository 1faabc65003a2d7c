"""What has to be hidden besides, again until every hidden forme keeps enough values.

Belongs here: elimination and intervals in turn, on one system. Does not: which formes are protected first.

EPCI 9 is A 1, B 1 and C 7; A and B are hidden. 9 - 7 leaves them 2 together, of two counts of 1 at least: no
subtraction gives A, yet A is 1. The interval of A, [1, 1], is held by the EPCI and by C: C, the smallest
figure that holds it, is hidden too, and everything is decided again.
"""

from collections import defaultdict
from typing import Any

from confidentialite.moteur.bornes import intervalles
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.elimination import DejaDivulguees, eliminer
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Etat, Forme, Systeme
from confidentialite.moteur.phases.combinaisons import separer_combinaisons
from confidentialite.moteur.phases.incidents import incident
from confidentialite.moteur.phases.restes import contributeurs_seuls
from confidentialite.moteur.programmes import Intervalle, Memoire, entiers


def resoudre(chantier: Chantier) -> tuple[list[Espace], dict[int, Forme]]:
    """Decide which formes of a system are published.

    Return the space that those of each table span and, of each forme hidden besides (by its `id`), one
    that it protects. Raises DivulgationAnterieure when what is known outside gives a protected one away.
    """
    systeme, parametres, defenses = chantier.systeme, chantier.parametres, chantier.defenses
    premier = parametres.premiers.valeur[0]
    tables, planchers = _tables(chantier), _planchers(chantier)
    espaces: dict[str, Espace] = {}
    # Hidden for others only, and held by what is known outside alone: nothing that is hidden loosens them.
    tenues: set[int] = set()
    memoire = Memoire(systeme.vraies)
    pour: dict[int, Forme] = {}

    def assez(forme: Forme, bas: float, haut: float) -> bool:
        large = entiers(bas, haut) >= parametres.alternatives_min.valeur
        return id(forme) in tenues or (large and haut >= planchers.get(id(forme), 0))

    while True:
        # No sum crosses two tables: one where nothing was hidden since is as it was.
        for nom in sorted(tables.keys() - espaces.keys()):
            formes, seuls = tables[nom]
            try:
                espaces[nom] = eliminer(formes, premier, defenses, seuls)
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
        a_retirer = [(_a_retirer(systeme, i), i.forme) for i in serres]
        for forme, protegee in a_retirer:
            if forme is not None:
                forme.etat = Etat.RETENUE
                pour[id(forme)] = protegee
                espaces.pop(chantier.table(forme), None)
            elif not protegee.protegee:
                tenues.add(id(protegee))
        if len(espaces) < len(tables):
            continue
        # All that could loosen them is known outside: hiding more would not help.
        if serrees := [i.forme for i in serres if i.forme.protegee]:
            raise incident(chantier, serrees)
        nouvelles = [separer_combinaisons(chantier, espaces[nom]) for nom in sorted(espaces)]
        if not (defenses.secondaires and any(nouvelles)):
            gardes: dict[int, Forme] = {}
            for espace in espaces.values():
                gardes |= espace.gardes
            return [espaces[nom] for nom in sorted(espaces)], gardes | pour
        tables, planchers = _tables(chantier), _planchers(chantier)
        espaces.clear()
        memoire.blocs.clear()


def _tables(chantier: Chantier) -> dict[str, tuple[list[Forme], list[list[Forme]]]]:
    """Formes of each table, and those of its own that one contributor may have."""
    formes: dict[str, list[Forme]] = defaultdict(list)
    for forme in chantier.systeme.formes:
        formes[chantier.table(forme)].append(forme)
    seuls: dict[str, list[list[Forme]]] = defaultdict(list)
    for groupe in contributeurs_seuls(chantier):
        par_table: dict[str, list[Forme]] = defaultdict(list)
        for forme in groupe:
            par_table[chantier.table(forme)].append(forme)
        for nom, siennes in par_table.items():
            if len(siennes) > 1:
                seuls[nom].append(siennes)
    return {nom: (siennes, seuls[nom]) for nom, siennes in formes.items()}


def _planchers(chantier: Chantier) -> dict[int, float]:
    """Of each dominated amount, what its upper bound must reach: the largest contribution over k."""
    k = chantier.parametres.dominance_k.valeur
    return {id(chantier.forme(cle)): float(maximum) / k for cle, maximum in chantier.maxima.items()}


def _a_retirer(systeme: Systeme, serre: Intervalle) -> Forme | None:
    """The published forme that costs least to hide and loosens an interval that is too tight.

    First the smallest neighbour: a cell of the territories that hold the interval, which may take what the
    forme would leave: one that a whole as large holds in place may not, unless that whole, or part, is what
    holds the forme. When none is left, the narrowest of these territories. None when everything that could
    help is known outside.
    """
    collees = systeme.collees
    siennes = set().union(*(collees.get(c, ()) for c in serre.forme.vecteur))
    lieux = serre.cellules | serre.forme.vecteur.keys()
    mesures = {m for _, m in systeme.cles[systeme.formes.index(serre.forme)].termes}
    meilleure: tuple[tuple[Any, ...], Forme] | None = None
    for k, (cle, forme) in enumerate(zip(systeme.cles, systeme.formes, strict=True)):
        if not forme.publiee or forme.connue or forme.retenue:
            continue
        seul = len(forme.vecteur) == 1
        if not (forme.vecteur.keys() <= lieux if seul else k in serre.liantes):
            continue
        mobile = all(c not in collees or c in siennes for c in forme.vecteur)
        rang = (seul, mobile, any(m in mesures for _, m in cle.termes), forme.ordre)
        if meilleure is None or rang > meilleure[0]:
            meilleure = rang, forme
    return meilleure and meilleure[1]
