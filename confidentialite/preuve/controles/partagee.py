"""Can it be told of everybody somewhere that they have a sensitive attribute?"""

from collections.abc import Iterator

from confidentialite.preuve.bornes import EPSILON
from confidentialite.preuve.constats import Constat, Incident, Nature
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import determinee, valeur_determinee
from confidentialite.preuve.modele import Forme

_DETAIL = "everybody has it"


def attributs_de_tous(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of a sensitive mesure that is known to leave nobody of a whole it is a part of.

    Foyers with RSA, of those of commune A and of B; no row is a share:
        A prints 12 foyers and 12 with RSA: it says of each that it has the RSA, a finding, `primaire`
        B hides both; its EPCI prints 20 and 20, A 12 and 12: 8 of 8 in B, a finding, `exacte`
        C and D hide both and print 9 and 9 together: all of C have it, however many they are, `bornes`
    Nobody at all may be said. What earlier releases tell by themselves is an incident.
    """
    modele, savoir = dossier.modele, dossier.savoir
    for forme, part, _, cellules in dossier.restes_sensibles:
        connu = determinee(modele, savoir, forme)
        laisses = valeur_determinee(modele, savoir, forme) if connu else None
        bornee = laisses is None and forme not in modele.protegees
        personne = _nul(dossier, forme) if bornee else laisses == 0
        if not personne or valeur_determinee(modele, savoir, part) == 0 or _nul(dossier, part):
            continue
        montree = modele.imprimee(part, ici=True)
        if laisses is not None and not montree and dossier.dite_avant(forme):
            yield from dossier.incidents(forme, cellules)
            continue
        nature: Nature = "bornes" if laisses is None else "primaire" if montree else "exacte"
        yield from (Constat(nature, c, _DETAIL) for c in cellules)


def _nul(dossier: Dossier, forme: Forme) -> bool:
    """Whether bounds leave a form nothing but zero."""
    borne = dossier.solutions.bornes.get(forme)
    return borne is not None and borne.haut < 1 - EPSILON
