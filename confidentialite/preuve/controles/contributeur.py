"""Can somebody who knows its own figure tell that of another, or nearly?"""

from collections.abc import Iterator
from dataclasses import replace

from confidentialite.preuve.constats import Constat, Incident
from confidentialite.preuve.contributeurs import restes_des_contributeurs
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import lues_par_un_contributeur
from confidentialite.preuve.modele import Protegee

_ETROITE = "too few values are left to a lone contributor of another cell"


def contributeurs_seuls(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of which a lone contributor of another cell can tell too much.

    Communes A 1 and B 2 in an EPCI of 3, A and B hidden:
        printed: A + B = 3; the one foyer of A knows A = 1
        3 - 1 = 2: B is a finding, `contributeur`
        with C 2 hidden too in the same EPCI, now of 5, A knows B + C = 4 alone: no finding
        with C 1 instead, A knows B + C = 2, both at least 1: B and C are findings
    """
    gardees = [p for p in dossier.saines if dossier.intimes is None or p.forme in dossier.intimes]
    lues = lues_par_un_contributeur(dossier.modele, dossier.savoir, dossier.groupes, gardees)
    deja = {p.forme for p in lues}
    for protegee in lues:
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


def _etroite_pour_tous(dossier: Dossier, protegee: Protegee) -> bool:
    """Whether nobody needs a cell of its own to know it: another check says so."""
    borne = dossier.solutions.bornes.get(protegee.forme)
    return borne is not None and borne.entiers < dossier.exigences.alternatives_min


def _etroite_avant(dossier: Dossier, protegee: Protegee) -> bool:
    """Whether earlier releases alone leave a contributor too few values."""
    modele, anterieur = dossier.modele, dossier.anterieur()
    if anterieur is None:
        return False
    seul = replace(
        modele,
        intervalles={f: i for f, i in modele.intervalles.items() if i.registre},
        au_moins_un=modele.au_moins_un_avant,
    )
    return bool(
        restes_des_contributeurs(seul, anterieur, dossier.groupes, dossier.propres, [protegee]).etroites
    )
