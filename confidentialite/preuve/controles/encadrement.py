"""Do published figures leave enough possible values to each masked one?"""

from collections.abc import Iterator
from dataclasses import replace

from confidentialite.preuve.bornes import EPSILON, Borne, borner
from confidentialite.preuve.constats import Constat, Incident, Nature
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.modele import Forme, Modele, Protegee


def encadrements(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells whose bounds are too narrow, or could not be had.

    Communes A 1 and B 1 in an EPCI of 2, A and B hidden; a mask says that there is at least one:
        printed: A + B = 2, A >= 1, B >= 1
        A is 1 at least and 2 - 1 = 1 at most: one value is left, a finding, `bornes`
        with 3 in the EPCI, A is 1 or 2: two values, as many as the rule asks
    An amount that one contributor nearly makes must not be bounded close to that contribution: `dominance`.
    """
    for nature, protegee in _trop_etroites(dossier):
        if nature == "bornes" and _etroite_avant(dossier, protegee):
            yield from dossier.incidents(protegee.forme, protegee.cellules)
        else:
            yield from (Constat(nature, c) for c in protegee.cellules)
    for protegee, motif in dossier.solutions.echecs:
        yield from (Constat("solveur", c, motif) for c in protegee.cellules)


def nulle(modele: Modele, forme: Forme, borne: Borne) -> bool:
    """Whether the form may be zero, and can only be."""
    return forme in modele.zeros_admis and borne.haut < EPSILON


def _trop_etroites(dossier: Dossier) -> Iterator[tuple[Nature, Protegee]]:
    exigences = dossier.exigences
    for protegee in dossier.saines:
        borne = dossier.solutions.bornes.get(protegee.forme)
        # A printed zero that a part is included in makes the part zero too: no person is in it.
        if borne is None or nulle(dossier.modele, protegee.forme, borne):
            continue
        if borne.entiers < exigences.alternatives_min:
            if not dossier.anodine(protegee):
                yield "bornes", protegee
        elif (max1 := dossier.maxima.get(protegee.forme)) and borne.haut < max1 / exigences.dominance_k:
            yield "dominance", protegee


def _etroite_avant(dossier: Dossier, protegee: Protegee) -> bool:
    """Whether earlier releases alone leave too few values."""
    modele = dossier.modele
    anterieur = dossier.anterieur()
    if anterieur is None:
        return False
    seul = replace(
        modele,
        intervalles={f: i for f, i in modele.intervalles.items() if i.registre},
        au_moins_un=modele.au_moins_un_avant,
    )
    borne = borner(seul, anterieur, [protegee]).bornes.get(protegee.forme)
    return borne is not None and borne.entiers < modele.exigences.alternatives_min
