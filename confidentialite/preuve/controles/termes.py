"""Does a masked ratio let out the term that nothing prints, when that term is below the threshold?"""

from collections.abc import Iterator

from confidentialite.preuve.constats import Constat, Incident
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import determinee, valeur_determinee


def petits_termes(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the masked ratios one of whose terms, printed nowhere, is determined and below the threshold.

    Shares of foyers with RSA, hidden in commune A; no indicateur shows foyers by themselves:
        other shares print the foyers of B (7), the EPCI's share prints those of both (10)
        10 - 7 = 3 foyers in A, below a threshold of 5: the share of A is a finding, `exacte`
        with 8 foyers in A it would not be: the denominator was never what the mask hides

    An incident where earlier releases tell that term: the threshold was lower then.
    """
    modele = dossier.modele
    for forme, cellules in modele.termes_tus.items():
        if modele.imprimee(forme, ici=True) or forme in modele.protegees:
            continue
        valeur = valeur_determinee(modele, dossier.savoir, forme)
        if valeur is None or not 0 < valeur < dossier.exigences.seuil:
            continue
        deja_su = dossier.deja_su()
        if deja_su is not None and determinee(modele, deja_su, forme):
            yield from dossier.incidents(forme, cellules)
        else:
            yield from (Constat("exacte", c) for c in cellules)
