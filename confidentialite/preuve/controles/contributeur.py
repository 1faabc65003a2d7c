"""Can somebody who knows its own figure compute that of another?"""

from collections.abc import Iterator

from confidentialite.preuve.constats import Constat, Incident
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import lues_par_un_contributeur


def contributeurs_seuls(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells that a lone contributor of another cell determines with its own.

    Communes A 1 and B 2 in an EPCI of 3, A and B hidden:
        printed: A + B = 3; the one foyer of A knows A = 1
        3 - 1 = 2: B is a finding, `contributeur`
        with C hidden too in the same EPCI, A knows B + C alone: no finding
    """
    gardees = [p for p in dossier.saines if dossier.intimes is None or p.forme in dossier.intimes]
    for protegee in lues_par_un_contributeur(dossier.modele, dossier.savoir, dossier.groupes, gardees):
        yield from (Constat("contributeur", c) for c in protegee.cellules)
