"""Second phase: what earlier releases said is known where it still holds; what they hid stays hidden.

Belongs here: reading what was said, in the communes that those of then became. Does not: what it gives away.

A cell is versioned by the revision that made it. The engine knows both sides of every sum, so that it tells
versions by value: an old word that is true of today's figures is known, one that is not binds versions of
then. A release said EPCI 10 of communes A 3 and B 7; the month was revised:

    A is 4, shown             3 was said of another version: A is a new figure, and may be hidden as one
    the EPCI is 11            10 binds the versions of then, and is no equation of today
    B is 7 = 10 - 3           what is left once A is taken out holds of today's B: known, shown or not
    had B become 5            7 would hold of the B of then alone: nothing is known of today's
    had B and C, 5 and 6, become 6 and 5    A + B + C holds today, and so does what is left of it: A = 14 - 11
    A, hidden then, hidden    nobody outside knows whether it changed: where the old sum holds, it is known
    CTG B + C was 9, is 10    as EPCI A + B was 10 and is 11: both are wrong by as much, by B alone. What they
                              say of the others still holds: A - C = 10 - 9 = 1 is known

The proof reads the same releases in its own way (`confidentialite.preuve.versions`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import pyarrow as pa

from confidentialite.moteur.chantier import Chantier
from confidentialite.moteur.formes import Cle, Etat, Forme, Formule, Territoire, ordre
from confidentialite.moteur.lecture import Lecture
from confidentialite.regle import raisons


@dataclass(frozen=True, slots=True)
class Ancienne:
    """A forme of a row of a release: shown, with what was said of it, or hidden.

    `atomes`: the communes of today's figures that its territory of then became; `entieres`: whether it is all
    of them. `exacte`: whether it was an equation, and no interval.
    """

    cle: Cle
    atomes: list[str]
    entieres: bool
    montree: bool
    exacte: bool
    dite: Decimal | None


Perimes = dict[Formule, dict[Decimal, dict[frozenset[str], Territoire]]]
"""Old sums that are not true of today's figures, by how much: the communes of each, and its territory."""


def rappeler(chantier: Chantier) -> None:
    """What each release showed is known, what it hid stays hidden."""
    perimes: Perimes = defaultdict(lambda: defaultdict(dict))
    for release in chantier.groupe.releases:
        _rappeler(chantier, release, perimes)
    _croiser(chantier, perimes)
    for cle in chantier.cachees_avant:
        if chantier.forme(cle).etat is not Etat.PUBLIQUE:
            chantier.retenir(cle)
            chantier.raisons.setdefault(cle, raisons.ANTERIEURE)


def _rappeler(chantier: Chantier, release: pa.Table, perimes: Perimes) -> None:
    lues = list(_lire(chantier.lecture, release))
    imprimees = {a.cle for a in lues if a.montree}
    # A forme that one row hid and another showed was shown.
    anciennes = [a for a in lues if a.montree or a.cle not in imprimees]
    revisees: dict[Formule, dict[frozenset[str], Decimal]] = {}
    for a in sorted(anciennes, key=lambda a: len(a.atomes)):
        if a.montree and a.exacte and a.entieres:
            _connaitre(chantier, a, revisees.setdefault(a.cle.termes, {}), perimes)
    for a in anciennes:
        if not a.montree and a.exacte:
            alors = chantier.placer_sur(a.cle, a.atomes)
            chantier.cachees_avant.update(k for k in (a.cle, alors) if k and k in chantier)


def _lire(lecture: Lecture, release: pa.Table) -> Iterator[Ancienne]:
    """What a release said and hid, forme by forme."""
    for r in release.to_pylist():
        lieu = Territoire(r["niveau"], r["code"])
        montree = r["valeur"] is not None or r["numerateur"] is not None
        if not montree and r["statut"] != "secret":
            continue
        for forme, cle in lecture.cles_dites(r["indicateur_id"], r["millesime"], lieu):
            valeur = r[forme.colonne]
            dite = None if valeur is None or not forme.entiere else round(Decimal(valeur), 2)
            # A term that its producer rounds was shown as an interval: no equation holds it.
            exacte = lecture.source(cle) != "arrondie" or (montree and r["statut"] == "observe")
            atomes, entieres = lecture.devenues(cle, r["atomes"], r["cog_atomes"])
            yield Ancienne(cle, atomes, entieres, montree, exacte, dite)


def _connaitre(
    chantier: Chantier, ancienne: Ancienne, revisees: dict[frozenset[str], Decimal], perimes: Perimes
) -> None:
    """Take a forme for known where what was said of it still holds.

    `revisees`: territories, narrow ones first, and what that release said of them that no longer holds; a
    sum that was said then, less these, may still hold of the others, whether or not it holds itself. What
    does not is added to `perimes`.
    """
    cle, dite, toutes = ancienne.cle, ancienne.dite, frozenset(ancienne.atomes)
    dits: dict[frozenset[str], Decimal | None] = {toutes: dite}
    if dite is not None:
        for ensembles in (list(revisees.items()), list(revisees.items())[::-1]):
            reste, autres = dite, toutes
            for ensemble, ancien in ensembles:
                if ensemble <= autres:
                    reste, autres = reste - ancien, autres - ensemble
            if autres:
                dits.setdefault(autres, reste)
    for atomes, valeur in dits.items():
        ecart = Decimal(0) if valeur is None else valeur - _valeur(chantier, cle, atomes)
        if not ecart:
            if (alors := chantier.placer_sur(cle, sorted(atomes))) is not None:
                chantier.forme(alors).connue = True
            continue
        if len(atomes) > 1:
            perimes[cle.termes][ecart].setdefault(atomes, cle.lieu)
        if valeur is not None and atomes == toutes:
            revisees[toutes] = valeur


def _valeur(chantier: Chantier, cle: Cle, atomes: frozenset[str]) -> Decimal:
    """The value of a forme today over some communes."""
    return round(chantier.lecture.somme(Cle(cle.termes, _sur(cle.lieu, atomes)))[0], 2)


def _sur(lieu: Territoire, atomes: frozenset[str]) -> Territoire:
    """A territory, over some communes alone."""
    return lieu._replace(atomes=tuple(sorted(atomes)))


def _croiser(chantier: Chantier, perimes: Perimes) -> None:
    """Take what two old words say of each other for known, where both are wrong by as much."""
    for termes, par_ecart in perimes.items():
        for dits in par_ecart.values():
            ordonnes = sorted(dits.items(), key=lambda dit: sorted(dit[0]))
            for (un, lieu), (autre, _) in combinations(ordonnes, 2):
                # One within the other is taken out of it.
                if un <= autre or autre <= un or un.isdisjoint(autre):
                    continue
                dedans, dehors = (
                    chantier.lecture.vecteur(Cle(termes, _sur(lieu, seules)))
                    for seules in (un - autre, autre - un)
                )
                vecteur = dedans | {c: -v for c, v in dehors.items()}
                cle = Cle(termes, _sur(lieu, un ^ autre), tuple(sorted(vecteur.items())))
                if vecteur and cle not in chantier:
                    chantier.reprendre(cle, Forme(vecteur, ordre(cle, 0, 0), connue=True))
