"""What sensitive mesures leave of the wholes they are a part of, wherever a row shows or hides one.

Belongs here: finding them, in territories and in what territories leave of each other. Does not: judging what
is known of them (`controles/partagee.py`).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from confidentialite.memoire.geographie import Geographie
from confidentialite.memoire.lecture import LINEAIRES, termes
from confidentialite.preuve.constats import Cellule
from confidentialite.preuve.modele import Forme, Lin, Modele, moins
from socle.statuts import SANS_DONNEE


class Reste(NamedTuple):
    """What a sensitive part leaves of a whole, the two, and the cells that show or hide the part."""

    forme: Forme
    part: Forme
    tout: Forme
    cellules: frozenset[Cellule]


def restes_sensibles(modele: Modele, lignes: pd.DataFrame) -> list[Reste]:
    """Return what each sensitive part of this build leaves of each of its wholes.

    Communes A and B, their EPCI: three of each couple. Where no row is by commune, an EPCI and a CTG inside
    it: these two, and the communes of the EPCI that are not of the CTG; elsewhere, each commune is a cell.
    """
    couples = modele.attributs()
    lieux: dict[Lin, dict[int, set[Cellule]]] = {}
    for num, territoire, cellule in _lignes(modele, lignes):
        if num in couples:
            lieux.setdefault(num, {}).setdefault(territoire, set()).add(cellule)
    restes = []
    for part, siens in lieux.items():
        tous = [(t, t) for t in siens]
        if not any(modele.geographie.seul(t) is not None for t in siens):
            tous += morceaux(modele.geographie, siens)
        for tout in couples[part]:
            laisse = moins(tout, part)
            restes += [
                Reste(Forme(laisse, a), Forme(part, a), Forme(tout, a), frozenset(siens[t])) for t, a in tous
            ]
    return restes


def _lignes(modele: Modele, lignes: pd.DataFrame) -> Iterator[tuple[Lin, int, Cellule]]:
    """Rows of this build that show or hide a sensitive mesure that is not its producer's."""
    exigences = modele.exigences
    lues = lignes[
        (lignes["rang"] == 0) & lignes["methode"].isin(LINEAIRES) & lignes["formule_numerateur"].notna()
    ]
    formules = {f: termes(f) for f in lues["formule_numerateur"].unique()}
    sensibles = {f for f, mesures in formules.items() if mesures.keys() & exigences.groupe}
    lins: dict[tuple[str, int], Lin] = {}
    colonnes = [
        *("formule_numerateur", "millesime", "territoire", "niveau", "code", "indicateur_id", "micro"),
        "statut",
    ]
    for formule, annee, territoire, niveau, code, indicateur, micro, statut in lues.loc[
        lues["formule_numerateur"].isin(sensibles), colonnes
    ].itertuples(index=False):
        jugee = micro or statut == "secret" or formules[formule].keys() & exigences.registres
        if jugee and statut not in SANS_DONNEE:
            if (formule, annee) not in lins:
                lins[formule, annee] = modele.lin(formules[formule], int(annee))
            cellule = Cellule(f"{niveau}:{code}", str(indicateur), int(annee))
            yield lins[formule, annee], int(territoire), cellule


def morceaux(geographie: Geographie, territoires: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the atoms that lie in the same territories, as a territory of their own, after the narrowest."""
    dans: dict[int, list[int]] = {}
    for territoire in sorted(territoires):
        for atome in geographie.territoires[territoire].tolist():
            dans.setdefault(atome, []).append(territoire)
    ensembles: dict[tuple[int, ...], list[int]] = {}
    for atome, siens in dans.items():
        ensembles.setdefault(tuple(siens), []).append(atome)
    for siens_, atomes in sorted(ensembles.items()):
        plus_etroit = min(siens_, key=lambda t: (len(geographie.territoires[t]), t))
        if len(atomes) < len(geographie.territoires[plus_etroit]):
            yield plus_etroit, geographie.territoire(atomes)
