"""Do published figures leave enough possible values to each masked one?"""

from collections.abc import Iterator

from confidentialite.preuve.bornes import EPSILON, Borne, borner
from confidentialite.preuve.constats import Constat, Incident, Nature
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import Connaissances
from confidentialite.preuve.modele import Forme, Modele, Protegee
from confidentialite.preuve.montants import CENTIME, Second, borner_les_seconds, serree


def encadrements(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells whose bounds are too narrow, or could not be had.

    Communes A 1 and B 1 in an EPCI of 2, A and B hidden; a mask says that there is at least one:
        printed: A + B = 2, A >= 1, B >= 1
        A is 1 at least and 2 - 1 = 1 at most: one value is left, a finding, `bornes`
        with 3 in the EPCI, A is 1 or 2: two values, as many as the rule asks
    Of an amount that is hidden for itself, the largest contribution must stay uncertain by p % of it, for who
    is outside and for the second contributor: `dominance`. Of 20 000 of one foyer beside 6 that are hidden
    with it, 20 006 together: 20 000 is known within 0.03 %. An incident where earlier releases told it as
    closely by themselves; a finding where this build tells it closer.
    """
    for nature, protegee in _trop_etroites(dossier):
        if _dite_avant(dossier, nature, protegee):
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
        elif protegee.forme in dossier.montants and _devinee(dossier, protegee.forme, borne):
            yield "dominance", protegee


def _devinee(dossier: Dossier, forme: Forme, borne: Borne) -> bool:
    """Whether the largest contribution to an amount is told closely, to anybody or to the second one."""
    if _devinee_de_tous(dossier, dossier.modele, dossier.savoir, forme, borne):
        return True
    if forme not in dossier.pour_le_second:
        return False
    return _devinee_du_second(dossier, dossier.modele, dossier.savoir, forme, *dossier.pour_le_second[forme])


def _devinee_de_tous(
    dossier: Dossier, modele: Modele, savoir: Connaissances, forme: Forme, borne: Borne
) -> bool:
    montant, exigences = dossier.montants[forme], dossier.exigences
    part = montant.max1 / exigences.dominance_k
    if part > montant.valeur and borne.haut < part - CENTIME:
        return True
    return serree(modele, savoir, forme, montant.valeur, montant.marge(exigences.p_pourcent), borne)


def _devinee_du_second(
    dossier: Dossier, modele: Modele, savoir: Connaissances, forme: Forme, borne: Borne, second: Second
) -> bool:
    montant = dossier.montants[forme]
    marge = montant.marge_du_second(dossier.exigences.p_pourcent)
    return serree(modele, savoir, forme, montant.valeur, marge, borne, second.sues)


def _dite_avant(dossier: Dossier, nature: Nature, protegee: Protegee) -> bool:
    """Whether earlier releases alone leave too few values, or tell an amount as closely as all of them do."""
    if (anterieur := dossier.anterieur()) is None:
        return False
    seul, forme = dossier.modele.registre_seul(), protegee.forme
    avant = borner(seul, anterieur, [protegee]).bornes.get(forme)
    if nature == "bornes":
        return avant is not None and avant.entiers < dossier.exigences.alternatives_min
    vue = dossier, dossier.modele, dossier.savoir, forme
    borne = dossier.solutions.bornes[forme]
    if _devinee_de_tous(*vue, borne) and not _aussi_etroite(avant, borne):
        return False
    if forme in dossier.pour_le_second:
        sienne, second = dossier.pour_le_second[forme]
        if _devinee_du_second(*vue, sienne, second):
            deja_su = dossier.deja_su() or anterieur
            bornes = borner_les_seconds(seul, deja_su, [second], lambda *_: True, [protegee])
            sienne_avant, _ = bornes.get(forme, (None, second))
            return _aussi_etroite(sienne_avant, sienne)
    return True


def _aussi_etroite(avant: Borne | None, borne: Borne) -> bool:
    """Whether an interval of then leaves no more than one of now."""
    return avant is not None and avant.bas > borne.bas - CENTIME and avant.haut < borne.haut + CENTIME
