"""Sixth phase: what sums of linked mesures leave of each other is a cell too, whatever is added up.

Belongs here: inner cells that no row shows, and what published sums leave once it is decided which are. Does
not: which sums are published (`elimination.py`), one mesure over two territories (`restes.py`).

Subsidies of an EPCI: type a, read in A, B and C; type b and all of them, read in B and C, for A does not say
what its structures of type b receive. 280 of type a + 1 050 of type b - 1 230 of all = 100: type a in A. No
pair of the three says it, and no list of pairs would: the basis of what is published does. In reduced form,
each of its vectors has a pivot, a cell that no other has. What leaves few gestionnaires is made of their own
cells: so are the pivots of all that it is combined from, which are few, hence tried.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from confidentialite.moteur.algebre import ajouter
from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.espace import Espace
from confidentialite.moteur.formes import Cle, Etat, Forme, Territoire, Vecteur
from confidentialite.moteur.phases.incidents import est_assumee
from confidentialite.regle import primaire

Qui = frozenset[str]
# Beyond, a coefficient modulo a prime is taken for a fraction, of which a few denominators are tried.
_PETIT = 100
_DENOMINATEURS = (1, 2, 3, 4, 6, 12)


def proteger_les_fines(chantier: Chantier) -> None:
    """Protect the inner cells of few gestionnaires that no row shows: sums may leave them.

    What types c to z receive in a commune is in no row, and is what all types less a and b leave.
    """
    vues = {
        cellule
        for _, forme in chantier.placees()
        if forme.montree and len(forme.vecteur) == 1
        for cellule in forme.vecteur
    }
    for (mesure, atome), cellule in chantier.lecture.cellules.items():
        if mesure in chantier.groupe.nommees and cellule not in vues:
            lieu = Territoire("commune", atome, (atome,))
            _proteger(chantier, Cle(((1, mesure),), lieu, ((cellule, 1),)))


def separer_combinaisons(chantier: Chantier, espace: Espace) -> bool:
    """Protect what published sums leave of each other, where too few contribute to it.

    Of foyers, those of several hidden communes are as many as their communes say. Gestionnaires stand in
    several, so that two hidden communes together may be those of two. All that is of few is found. Of what
    one of them dominates, what one vector of the basis says, or two: what is dominated and made of several
    exact pieces has a piece that is. Return whether some are new.
    """
    cellules = {
        k: (mesure, atome)
        for (mesure, atome), k in chantier.lecture.cellules.items()
        if mesure in chantier.groupe.nommees
    }
    base = {p: v for p, v in espace.base().items() if cellules.keys() >= v.keys()}
    if not base:
        return False
    proprietaires = {k: frozenset(q for q in chantier.lecture.fines[k].apports or () if q) for k in cellules}
    seuil = chantier.parametres.seuil_frequence_entreprises.valeur
    trouves = [
        *_de_peu(base, proprietaires, seuil - 1, espace.premier),
        *_d_un_seul_signe(base, espace.premier),
    ]
    avant = len(chantier.systeme.formes), sum(f.retenue for f in chantier.systeme.formes)
    for vecteur in trouves:
        entier = _entier(vecteur, espace.premier)
        if entier is None:
            _retirer_une(chantier, vecteur)
            continue
        atomes = tuple(sorted({cellules[c][1] for c in entier}))
        mesures = sorted({cellules[c][0] for c in entier})
        lieu = _autour(chantier, atomes)
        _proteger(chantier, Cle(tuple((1, m) for m in mesures), lieu, tuple(sorted(entier.items()))))
    return (len(chantier.systeme.formes), sum(f.retenue for f in chantier.systeme.formes)) != avant


def _proteger(chantier: Chantier, cle: Cle) -> None:
    """Protect a forme that too few contribute to, unless a person knows that it is disclosed already."""
    compte = chantier.compte(cle)
    raison = primaire.montant(compte, chantier.parametres)
    if raison and cle not in chantier and not est_assumee(chantier, cle):
        chantier.placer(cle)
        chantier.proteger(cle, raison, compte)


def _autour(chantier: Chantier, atomes: tuple[str, ...]) -> Territoire:
    """The narrowest territory of a row that holds some communes, over these alone."""
    lieux = {cle.lieu for cle, forme in chantier.placees() if forme.montree and not cle.lieu.atomes}
    mesures = {cle.lieu: cle for cle, _ in chantier.placees()}
    tailles = {
        lieu: len(siens) for lieu in lieux if set(atomes) <= (siens := chantier.lecture.atomes(mesures[lieu]))
    }
    if not tailles:
        return Territoire("commune", atomes[0], atomes)
    niveau, code, _ = min(tailles, key=lambda lieu: (tailles[lieu], lieu))
    return Territoire(niveau, code, atomes)


def _de_peu(base: Mapping[int, Vecteur], de: Mapping[int, Qui], peu: int, p: int) -> Iterator[Vecteur]:
    """Combinations of the basis that bear on the cells of `peu` gestionnaires at most.

    `de`: who contributes to each cell. Who is not named may be any of them, and adds nobody.
    """
    candidats = {pivot for pivot in base if len(de[pivot]) <= peu}
    par_cellule: dict[int, set[Qui]] = defaultdict(set)
    for pivot in candidats:
        for cellule in base[pivot]:
            par_cellule[cellule].add(de[pivot])
    vus: set[Qui] = set()
    pile = sorted({de[pivot] for pivot in candidats}, key=sorted, reverse=True)
    while pile:
        qui = pile.pop()
        if qui in vus:
            continue
        vus.add(qui)
        siens = sorted(pivot for pivot in candidats if de[pivot] <= qui)
        ailleurs = {pivot: {c: v for c, v in base[pivot].items() if not de[c] <= qui} for pivot in siens}
        seules = list(_annulations(ailleurs, p))
        for facteurs in seules:
            somme: Vecteur = {}
            for pivot, facteur in facteurs.items():
                ajouter(somme, base[pivot], facteur, p)
            yield somme
        if not seules:
            voisins = {c for siennes in ailleurs.values() for c in siennes}
            for autre in {de[c] for c in voisins}.union(*(par_cellule[c] for c in voisins)):
                if len(qui | autre) <= peu:
                    pile.append(qui | autre)


def _annulations(vecteurs: Mapping[int, Vecteur], p: int) -> Iterator[Vecteur]:
    """Combinations of some vectors that are zero, each as the factor of every vector in it."""
    restants = dict(vecteurs)
    # A cell that one vector alone has is never cancelled.
    while True:
        comptes: dict[int, int] = defaultdict(int)
        for vecteur in restants.values():
            for cellule in vecteur:
                comptes[cellule] += 1
        gardes = {k: v for k, v in restants.items() if all(comptes[c] > 1 for c in v)}
        if len(gardes) == len(restants):
            break
        restants = gardes
    echelons: dict[int, tuple[Vecteur, Vecteur]] = {}
    for k, vecteur in restants.items():
        reste, facteurs = dict(vecteur), {k: 1}
        while (pivot := next((c for c in reste if c in echelons), None)) is not None:
            autre, siens = echelons[pivot]
            quotient = -reste[pivot] * pow(autre[pivot], -1, p)
            ajouter(reste, autre, quotient, p)
            ajouter(facteurs, siens, quotient, p)
        if not reste:
            yield facteurs
            continue
        echelons[min(reste)] = reste, facteurs


def _d_un_seul_signe(base: Mapping[int, Vecteur], p: int) -> Iterator[Vecteur]:
    """Vectors of the basis, their sums and differences two by two, that add cells up and subtract none."""
    entiers = {pivot: e for pivot, v in base.items() if (e := _entier(v, p)) is not None}
    par_cellule: dict[int, set[int]] = defaultdict(set)
    for pivot, vecteur in entiers.items():
        if len(vecteur) > 1:
            for cellule in vecteur:
                par_cellule[cellule].add(pivot)
    couples = {couple for pivots in par_cellule.values() for couple in combinations(sorted(pivots), 2)}
    yield from (v for v in entiers.values() if len(v) > 1 and len(set(v.values())) == 1)
    for a, b in sorted(couples):
        for signe in (1, -1):
            somme = dict(entiers[a])
            for cellule, coefficient in entiers[b].items():
                somme[cellule] = somme.get(cellule, 0) + signe * coefficient
            somme = {c: v for c, v in somme.items() if v}
            if somme and len(set(somme.values())) == 1:
                yield somme


def _entier(vecteur: Vecteur, p: int) -> Vecteur | None:
    """A vector modulo a prime, up to a factor, with small coefficients; None when it has none."""
    for denominateur in _DENOMINATEURS:
        lus = {c: (v * denominateur) % p for c, v in vecteur.items()}
        entier = {c: v if v <= p // 2 else v - p for c, v in lus.items()}
        if all(abs(v) <= _PETIT for v in entier.values()):
            signe = 1 if sum(entier.values()) >= 0 else -1
            return {c: v * signe for c, v in entier.items()}
    return None


def _retirer_une(chantier: Chantier, vecteur: Vecteur) -> None:
    """Hide the narrowest published forme that bears on what a combination leaves."""
    publiees: list[Forme] = [
        f
        for f in chantier.systeme.formes
        if f.publiee and not f.connue and not f.vecteur.keys().isdisjoint(vecteur)
    ]
    if publiees:
        max(publiees, key=lambda f: f.ordre).etat = Etat.RETENUE
