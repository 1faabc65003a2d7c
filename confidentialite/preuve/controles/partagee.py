"""Can it be told of everybody somewhere that they have a sensitive attribute?"""

from collections.abc import Iterator

from confidentialite.memoire.lecture import LINEAIRES, termes
from confidentialite.preuve.bornes import EPSILON
from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.controles.restes import morceaux
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import determinee, valeur_determinee
from confidentialite.preuve.modele import Forme, Lin, moins


def attributs_de_tous(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of a sensitive mesure that is known to leave nobody of a whole it is a part of.

    Foyers with RSA, of those of commune A and of B; no row is a share:
        A prints 12 foyers and 12 with RSA: it says of each that it has the RSA, a finding, `primaire`
        B hides both; its EPCI prints 20 and 20, A 12 and 12: 8 of 8 in B, a finding, `exacte`
        C and D hide both, and print 9 and 9 together: a part is no more than its whole, so that all of C
        have the RSA, however many they are: a finding, `bornes`
    Nobody at all may be said. What earlier releases tell by themselves is an incident.
    """
    for forme, part, cellules in _couples(dossier):
        modele, savoir = dossier.modele, dossier.savoir
        if valeur_determinee(modele, savoir, part) == 0:
            continue
        if not determinee(modele, savoir, forme):
            borne = dossier.solutions.bornes.get(forme)
            if borne is not None and borne.haut < 1 - EPSILON and forme not in modele.protegees:
                yield from (Constat("bornes", c, "everybody has it") for c in cellules)
            continue
        if valeur_determinee(modele, savoir, forme) != 0:
            continue
        if dossier.dite_avant(forme) and not modele.imprimee(part, ici=True):
            yield from dossier.incidents(forme, cellules)
        else:
            nature = "primaire" if modele.imprimee(part, ici=True) else "exacte"
            yield from (Constat(nature, c, "everybody has it") for c in cellules)


def _couples(dossier: Dossier) -> Iterator[tuple[Forme, Forme, set[Cellule]]]:
    """What each sensitive part leaves of each of its wholes, the part, and the cells that show or hide it.

    In the territories that have a row, and in the pieces that these leave of each other.
    """
    couples = dossier.modele.attributs()
    lieux: dict[Lin, dict[int, set[Cellule]]] = {}
    for num, territoire, cellule in _lignes(dossier):
        lieux.setdefault(num, {}).setdefault(territoire, set()).add(cellule)
    for part, siens in lieux.items():
        for tout in couples.get(part, ()):
            reste = moins(tout, part)
            for territoire, cellules in siens.items():
                yield Forme(reste, territoire), Forme(part, territoire), cellules
            for territoire, atomes in morceaux(dossier.modele.geographie, siens):
                yield Forme(reste, atomes), Forme(part, atomes), siens[territoire]


def _lignes(dossier: Dossier) -> Iterator[tuple[Lin, int, Cellule]]:
    """Rows of this build that show or hide a sensitive mesure that is not its producer's."""
    exigences, modele = dossier.exigences, dossier.modele
    lues = dossier.lignes
    lues = lues[(lues["rang"] == 0) & lues["methode"].isin(LINEAIRES) & lues["formule_numerateur"].notna()]
    formules = {f: termes(f) for f in lues["formule_numerateur"].unique()}
    sensibles = {f for f, mesures in formules.items() if mesures.keys() & exigences.groupe}
    colonnes = [
        *("formule_numerateur", "millesime", "territoire", "niveau", "code", "indicateur_id", "micro"),
        "statut",
    ]
    for formule, annee, territoire, niveau, code, indicateur, micro, statut in lues.loc[
        lues["formule_numerateur"].isin(sensibles), colonnes
    ].itertuples(index=False):
        siens = formules[formule].keys() & exigences.registres
        if (micro or siens or statut == "secret") and statut not in ("non_disponible", "sans_objet"):
            num = modele.lin(formules[formule], int(annee))
            yield num, int(territoire), Cellule(f"{niveau}:{code}", str(indicateur), int(annee))
