"""Can somebody who knows its own figure tell that of another, or nearly?"""

from collections.abc import Iterator, Sequence

from confidentialite.preuve.constats import Constat, Incident
from confidentialite.preuve.contributeurs import restes_des_contributeurs
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import lues_par_un_contributeur
from confidentialite.preuve.modele import Forme, Protegee

_ETROITE = "too few values are left to a lone contributor of another cell"


def contributeurs_seuls(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of which a lone contributor of another cell can tell too much.

    Communes A 3, B and C in one EPCI, hidden; the 3 of A are one foyer's, which knows it:
        C shown, A + B = 5 is left of the EPCI: 5 - 3 = 2, B is a finding, `contributeur`
        A + B + C = 5: B + C = 2, both at least 1, so that B and C are 1: findings too
        A + B + C = 6: B + C = 3 leaves B 1 or 2: no finding

    What earlier releases alone tell that contributor is an incident: of B 7, shown until a threshold of 5
    became 11, they say all that is said today.
    """
    gardees = [p for p in dossier.saines if dossier.intimes is None or p.forme in dossier.intimes]
    lues = lues_par_un_contributeur(dossier.modele, dossier.savoir, dossier.groupes, gardees)
    deja = {p.forme for p in lues}
    avant = _lues_avant(dossier, lues)
    for protegee in lues:
        if protegee.forme in avant:
            yield from dossier.incidents(protegee.forme, protegee.cellules)
        else:
            yield from (Constat("contributeur", c) for c in protegee.cellules)
    for protegee in dossier.seuls.etroites:
        if protegee.forme in deja or _etroite_pour_tous(dossier, protegee):
            continue
        if _etroite_avant(dossier, protegee):
            yield from dossier.incidents(protegee.forme, protegee.cellules)
        else:
            yield from (Constat("contributeur", c, _ETROITE) for c in protegee.cellules)
    for protegee, motif in dossier.seuls.echecs:
        yield from (Constat("solveur", c, motif) for c in protegee.cellules)


def _lues_avant(dossier: Dossier, lues: Sequence[Protegee]) -> set[Forme]:
    """Return those of some forms that a lone contributor computes from earlier releases alone."""
    deja_su = dossier.deja_su() if lues else None
    if deja_su is None:
        return set()
    seul = dossier.modele.registre_seul()
    return {p.forme for p in lues_par_un_contributeur(seul, deja_su, dossier.groupes, lues)}


def _etroite_pour_tous(dossier: Dossier, protegee: Protegee) -> bool:
    """Whether nobody needs a cell of its own to know it: another check says so."""
    borne = dossier.solutions.bornes.get(protegee.forme)
    return borne is not None and borne.entiers < dossier.exigences.alternatives_min


def _etroite_avant(dossier: Dossier, protegee: Protegee) -> bool:
    """Whether earlier releases alone leave a contributor too few values."""
    deja_su = dossier.deja_su()
    if deja_su is None:
        return False
    seul = dossier.modele.registre_seul()
    return bool(
        restes_des_contributeurs(seul, deja_su, dossier.groupes, dossier.propres, [protegee]).etroites
    )
