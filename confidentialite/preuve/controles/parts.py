"""Does what a part leaves of a whole, told by two rows, count too few?"""

from collections.abc import Iterator

from confidentialite.preuve.constats import Cellule, Constat, Incident
from confidentialite.preuve.dossier import Dossier
from confidentialite.preuve.exactitude import determinee, valeur_determinee
from confidentialite.preuve.modele import Forme, Lin, Modele, moins


def petites_differences(dossier: Dossier) -> Iterator[Constat | Incident]:
    """Yield the cells of a part that leaves a count below the threshold of its whole.

    Of 20 foyers, 17 are of known quotient; two indicateurs, no share of one in the other:
        printed: foyers = 20, of known quotient = 17
        20 - 17 = 3, below a threshold of 5: the 17 are a finding, `exacte`
        with one of them hidden, and its sums with it: no finding
    Where earlier releases printed both, it is an incident. Whoever has a part of a part has a part: 12 below
    800 EUR leave 20 - 12 too.
    """
    modele, savoir = dossier.modele, dossier.savoir
    couples = _couples(modele)
    # No equation holds two mesures: their difference is told where both are.
    dites = {
        lin: {t for t in dossier.territoires.values() if determinee(modele, savoir, Forme(lin, t))}
        for lin in {lin for couple in couples for lin in couple}
    }
    noms = list(modele.blocs)
    for part, tout in sorted(couples):
        deux = dites[part] & dites[tout]
        for (niveau, code), territoire in dossier.territoires.items():
            forme = Forme(moins(tout, part), territoire)
            valeur = valeur_determinee(modele, savoir, forme) if territoire in deux else None
            if valeur is None or not 0 < valeur < dossier.exigences.seuil:
                continue
            mesure, millesime = noms[part[0][0]]
            indicateur = modele.indicateurs_des_sommes.get(mesure, mesure)
            cellule = Cellule(f"{niveau}:{code}", indicateur, millesime)
            if dossier.dite_avant(forme):
                yield from dossier.incidents(forme, {cellule})
            else:
                yield Constat("exacte", cellule, "what it leaves of its whole is small")


def _couples(modele: Modele) -> set[tuple[Lin, Lin]]:
    """Return the counts that are parts of counts, (part, whole), by a share, an inclusion, or several."""
    couples = {
        (part, tout)
        for part, tout in modele.parts | modele.inclusions()
        if len(part) == len(tout) == 1 and not {part[0][0], tout[0][0]} & modele.blocs_de_montants
    }
    touts: dict[Lin, set[Lin]] = {}
    for part, tout in couples:
        touts.setdefault(part, set()).add(tout)
    for siens in touts.values():
        a_voir = [*siens]
        while a_voir:
            nouveaux = touts.get(a_voir.pop(), set()) - siens
            siens |= nouveaux
            a_voir += nouveaux
    # What a share leaves is asked of its own rows (`montree.py`, `soustraction.py`).
    return {(part, tout) for part, siens in touts.items() for tout in siens} - modele.parts
