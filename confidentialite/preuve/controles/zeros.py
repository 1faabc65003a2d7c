"""Does somebody who knows where nobody is counted find a masked figure by that?"""

from collections.abc import Iterator

from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import determinee, valeur_determinee
from confidentialite.preuve.modele import Forme


def trouvees_par_les_zeros(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells that printed figures determine once the zeros of communes are known.

    Foyers without courriel of A 7 and B 0, in an EPCI of 7, both shares hidden; zeros are shown elsewhere:
        printed: A + B = 7, foyers of A = 10, of B = 6
        nobody is in B: 7 - 0 = 7 of the 10 foyers of A, a finding, `exacte`
        with the foyers of A hidden too, the share of A is not had, and 7 are not few: no finding
    """
    modele, averti = dossier.modele, dossier.averti
    termes: dict[Cellule, list[Forme]] = {}
    for forme, cellules in modele.termes_tus.items():
        for cellule in cellules:
            termes.setdefault(cellule, []).append(forme)
    for protegee in dossier.saines:
        valeur = valeur_determinee(modele, averti, protegee.forme)
        if not valeur:
            continue
        compte = not any(bloc in modele.blocs_de_montants for bloc, _ in protegee.forme.lin)
        petite = compte and 0 < valeur < dossier.exigences.seuil
        atteintes = {
            c
            for c in protegee.cellules
            if petite or all(determinee(modele, averti, t) for t in termes.get(c, ()))
        }
        if atteintes and dossier.dite_avant(protegee.forme):
            yield from dossier.incidents(protegee.forme, atteintes)
        else:
            yield from (Constat("exacte", c, "to somebody who knows the zeros") for c in atteintes)
