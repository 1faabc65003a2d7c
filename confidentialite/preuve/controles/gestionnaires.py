"""Do printed sums determine what few gestionnaires receive?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.elimination import Elimination
from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import Forme

Fine = tuple[int, int]
"""A finest amount: (bloc, atome)."""


def restes_de_peu(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the finest subsidies of few gestionnaires of which printed sums determine a combination.

    Eaje and alsh of A, B and C; A, where one association has the eaje, does not tell its alsh:
        printed: eaje = A + B + C, alsh = B + C, all = eaje of B and C + alsh of B and C
        eaje + alsh - all = A: nothing is left of A once the equations are used, a finding, `exacte`
        were it A + D, both hers, what is left of A would be minus what is left of D: a finding too
    An incident where earlier releases determine it by themselves.
    """
    modele = dossier.modele
    de = {bloc: cle for cle, bloc in modele.blocs.items()}
    noms = list(modele.geographie.atomes)
    vues: set[Fine] = set()
    for liees in _liees(dossier, dossier.savoir, modele.fines):
        anterieur = dossier.anterieur()
        avant = anterieur is not None and any(_liees(dossier, anterieur, liees))
        for fine in set(liees) - vues:
            bloc, atome = fine
            mesure, annee = de[bloc]
            mesure = mesure.split(" ")[0]
            indicateur = modele.indicateurs_des_sommes.get(mesure, mesure)
            cellule = Cellule(f"commune:{noms[atome]}", indicateur, annee)
            if avant:
                yield from dossier.incidents(
                    Forme(((bloc, 1),), modele.geographie.territoire([atome])), {cellule}
                )
            else:
                yield Constat("exacte", cellule, "printed sums leave an amount of few gestionnaires")
        vues.update(liees)


def _liees(dossier: Dossier, savoir: Connaissances, fines: Iterable[Fine]) -> Iterator[list[Fine]]:
    """Yield amounts of few gestionnaires whose remainders, once the equations are used, are not independent.

    These are tied by a combination that the equations determine.
    """
    modele, peu = dossier.modele, dossier.exigences.seuil_gestionnaires - 1
    elimination = savoir.eliminations[0]
    restes: dict[Fine, dict[int, int]] = {}
    qui: dict[Fine, frozenset[str]] = {}
    for bloc, atome in fines:
        # Who is not named may be any of those who are.
        siens = modele.fines[bloc, atome] - {""}
        if len(siens) <= peu:
            qui[bloc, atome] = siens
            su = savoir.connus[bloc, atome]
            restes[bloc, atome] = {} if su else elimination.reduire({bloc * modele.nb_atomes + atome: 1})[0]
    de: dict[frozenset[str], list[Fine]] = defaultdict(list)
    for fine, siens in qui.items():
        de[siens].append(fine)
    for ensemble in _ensembles(restes, qui, peu):
        propres = Elimination(elimination.premier)
        siennes = sorted(f for siens in _parties(ensemble) for f in de.get(siens, ()))
        liees = [f for f in siennes if propres.ajouter(restes[f], 0) != "nouvelle"]
        if liees:
            yield liees


def _parties(ensemble: frozenset[str]) -> Iterator[frozenset[str]]:
    for combien in range(len(ensemble) + 1):
        yield from map(frozenset, combinations(sorted(ensemble), combien))


def _ensembles(
    restes: dict[Fine, dict[int, int]], qui: dict[Fine, frozenset[str]], peu: int
) -> list[frozenset[str]]:
    """Return the sets of `peu` names at most whose amounts have remainders that meet, one after the other."""
    par_inconnue: dict[int, set[frozenset[str]]] = defaultdict(set)
    for fine, reste in restes.items():
        for inconnue in reste:
            par_inconnue[inconnue].add(qui[fine])
    voisins: dict[str, set[str]] = defaultdict(set)
    for presents in [*par_inconnue.values(), *({siens} for siens in qui.values())]:
        tous = frozenset().union(*presents)
        for nom in tous:
            voisins[nom] |= tous
    # An amount of nobody named is in every set, and brings any two of them together.
    if frozenset() in qui.values():
        voisins = {nom: set(voisins) for nom in voisins}
    ensembles = {frozenset(siens) for siens in qui.values()}
    pile = list(ensembles)
    while pile:
        ensemble = pile.pop()
        for autre in set().union(*(voisins[nom] for nom in ensemble)) - ensemble:
            grand = ensemble | {autre}
            if len(grand) <= peu and grand not in ensembles:
                ensembles.add(grand)
                pile.append(grand)
    # What is found of a set is found of a larger one.
    dedans = {partie for e in ensembles for partie in _parties(e) if partie != e}
    return sorted(ensembles - dedans, key=sorted)
