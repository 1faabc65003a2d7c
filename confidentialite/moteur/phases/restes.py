"""Fifth phase: what territories leave of each other is a cell too, though no row shows it.

Belongs here: pieces of territories before anything is decided. Does not: what a part leaves of a whole in one
territory (`complements.py`), what published sums leave of each other (`combinaisons.py`).

EPCI E is A 6, B 8, C 3, and CTG T is A and B; no row shows a commune. E 17 less T 14 is C, of 3: the piece
{C} is protected, so that one of E and T is hidden.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Cle, Forme, Formule, Territoire, Vecteur
from confidentialite.regle import primaire, raisons
from confidentialite.regle.primaire import Compte

Lieu = tuple[str, str]


class Contributeur(NamedTuple):
    """What a lone contributor knows, sum by sum, and its name where it has one."""

    sus: list[Vecteur]
    nom: str | None


def separer(chantier: Chantier) -> None:
    """Where no row shows a count by commune, protect what territories tell of few of them.

    Those that lie in the same territories, and those of a territory that are not of another inside it: of
    pieces A 2 and B 2, each hidden, EPCI E less CTG T is 4.
    """
    lieux: dict[Formule, dict[Lieu, Cle]] = defaultdict(dict)
    for cle, forme in chantier.placees():
        if (forme.montree or forme.connue) and not cle.cellules:
            # Territories of then may bear the name of one of today: their communes tell them apart.
            nom = cle.lieu.code + (f"@{'+'.join(cle.lieu.atomes)}" if cle.lieu.atomes else "")
            lieux[cle.termes][cle.lieu.niveau, nom] = cle
    for termes, cles in sorted(lieux.items()):
        if any(niveau == "commune" for niveau, _ in cles):
            continue
        territoires = {lieu: chantier.lecture.atomes(cle) for lieu, cle in cles.items()}
        for (niveau, nom), atomes in _morceaux(territoires):
            _separer(chantier, Cle(termes, Territoire(niveau, nom.split("@")[0])), atomes)
        connus = set(territoires.values())
        for large, etroit in _emboites(territoires) if chantier.systeme.entiers else ():
            if _laisse_peu(chantier, cles[large], cles[etroit]):
                atomes_ = territoires[large] - territoires[etroit]
                if atomes_ not in connus:
                    connus.add(atomes_)
                    _separer(chantier, Cle(termes, cles[large].lieu.aujourd_hui), sorted(atomes_))


def _laisse_peu(chantier: Chantier, large: Cle, etroit: Cle) -> bool:
    """Whether few are left of a territory outside one that it holds, in a count or out of a whole of it."""
    parametres = chantier.parametres

    def laisse(termes: Formule) -> Compte:
        a, b = (chantier.compte(Cle(termes, cle.lieu)) for cle in (large, etroit))
        return Compte(a.valeur - b.valeur, a.n - b.n, None)

    sienne = laisse(large.termes)
    return chantier.regle(sienne) is not None or any(
        primaire.complement(laisse(((1, tout),)), sienne, parametres)
        for tout, part in (chantier.groupe.couples if chantier.defenses.fermeture else ())
        if large.termes == ((1, part),) and tout in chantier.lecture.communes
    )


def _separer(chantier: Chantier, cle: Cle, atomes: list[str]) -> None:
    """Protect a piece of a territory, and what is left of wholes there, where they are small."""
    parametres, lieu = chantier.parametres, cle.lieu
    sur = Territoire(lieu.niveau, lieu.code, tuple(sorted(atomes)))
    compte = chantier.compte(Cle(cle.termes, sur))
    _proteger_sur(chantier, cle, atomes, chantier.regle(compte))
    for tout, part in chantier.groupe.couples if chantier.defenses.fermeture else ():
        if cle.termes != ((1, part),) or tout not in chantier.lecture.communes:
            continue
        reste = Cle(((-1, part), (1, tout)), lieu)
        if chantier.lecture.est_nommee(reste):
            du_reste = chantier.compte(Cle(reste.termes, sur))
            _proteger_sur(chantier, reste, atomes, primaire.montant(du_reste, parametres))
        elif primaire.complement(chantier.compte(Cle(((1, tout),), sur)), compte, parametres):
            _proteger_sur(chantier, reste, atomes, raisons.PEU)
        sensible = part in chantier.groupe.sensibles
        if primaire.groupe(chantier.compte(Cle(((1, tout),), sur)), compte, parametres, sensible=sensible):
            _proteger_sur(chantier, cle, atomes, raisons.PEU)
            _proteger_sur(chantier, reste, atomes, raisons.PEU)


def _proteger_sur(chantier: Chantier, cle: Cle, atomes: list[str], raison: str | None) -> None:
    """Protect a forme over some communes of its territory."""
    placee = chantier.placer_sur(cle, atomes) if raison else None
    if raison and placee is not None and not chantier.forme(placee).publique:
        sur = Territoire(cle.lieu.niveau, cle.lieu.code, tuple(sorted(atomes)))
        chantier.proteger(placee, raison, chantier.compte(Cle(cle.termes, sur)))


def contributeurs_seuls(chantier: Chantier) -> list[list[Forme]]:
    """Formes with one contributor who is, or may be, the same.

    Foyers have no name here: of those of one place, any two may be one. A gestionnaire is known wherever
    it is alone.
    """
    groupes: dict[tuple[object, ...], list[Forme]] = defaultdict(list)
    for cle, forme in chantier.placees():
        if not forme.seule:
            continue
        if chantier.lecture.est_nommee(cle):
            for qui in chantier.lecture.apports(cle):
                groupes["gestionnaire", qui].append(forme)
        elif len(cle.termes) == 1:
            groupes[cle.lieu].append(forme)
    return [groupe for groupe in groupes.values() if len(groupe) > 1]


def contributeurs(chantier: Chantier) -> list[Contributeur]:
    """What each lone contributor knows: what it is alone in, and which of it is in its own communes.

    Foyers have no name: those that are alone in cells of one commune, shown by some row or not, are taken for
    one. Who is alone in what a part leaves of its whole is one of them where nobody of its commune is in the
    part; elsewhere it may be anybody there, and knows that alone.
    """
    if not chantier.defenses.singletons:
        return []
    groupes: dict[tuple[object, ...], list[Vecteur]] = defaultdict(list)
    for (_, atome), cellule in chantier.lecture.cellules.items():
        valeur = chantier.lecture.fines[cellule]
        if valeur.n == 1 and not valeur.apports:
            groupes["foyer", atome].append({cellule: 1})
        elif valeur.apports and len(valeur.apports) == 1 and (qui := next(iter(valeur.apports))):
            groupes["gestionnaire", qui].append({cellule: 1})
    for cle, forme in chantier.placees():
        if not forme.seule:
            continue
        siens = par_commune(chantier, forme.vecteur)
        sus = [forme.vecteur, *siens.values()]
        if chantier.lecture.est_nommee(cle):
            for qui in chantier.lecture.apports(cle):
                groupes["gestionnaire", qui] += sus
        elif all(signe > 0 for v in siens.values() for signe in v.values()):
            groupes["foyer", *sorted(siens)] += sus
        else:
            groupes[cle] += sus
    return [
        Contributeur(sus, str(qui[1]) if qui[0] == "gestionnaire" else None) for qui, sus in groupes.items()
    ]


def par_commune(chantier: Chantier, vecteur: Vecteur) -> dict[str, Vecteur]:
    """What a forme is in each commune where it is not zero."""
    morceaux: dict[str, Vecteur] = defaultdict(dict)
    for cellule, signe in vecteur.items():
        morceaux[chantier.lecture.lieu_de(cellule)][cellule] = signe
    vraies = chantier.systeme.vraies
    return {c: v for c, v in sorted(morceaux.items()) if sum(vraies[x] * s for x, s in v.items())}


def _morceaux(territoires: Mapping[Lieu, frozenset[str]]) -> Iterator[tuple[Lieu, list[str]]]:
    """Communes that lie in the same territories and make none of them, each with the narrowest of these."""
    dans: dict[str, list[Lieu]] = defaultdict(list)
    for lieu, atomes in sorted(territoires.items()):
        for atome in atomes:
            dans[atome].append(lieu)
    ensembles: dict[tuple[Lieu, ...], list[str]] = defaultdict(list)
    for atome, lieux in sorted(dans.items()):
        ensembles[tuple(lieux)].append(atome)
    connus = set(territoires.values())
    for lieux_, atomes_ in ensembles.items():
        if frozenset(atomes_) not in connus:
            yield min(lieux_, key=lambda lieu: (len(territoires[lieu]), lieu)), atomes_


def _emboites(territoires: Mapping[Lieu, frozenset[str]]) -> Iterator[tuple[Lieu, Lieu]]:
    """Each territory, and one that it holds."""
    dans: dict[str, list[Lieu]] = defaultdict(list)
    for lieu, atomes in sorted(territoires.items()):
        for atome in atomes:
            dans[atome].append(lieu)
    for etroit, atomes in sorted(territoires.items()):
        for large in dans[min(atomes)] if atomes else ():
            if atomes < territoires[large]:
                yield large, etroit
