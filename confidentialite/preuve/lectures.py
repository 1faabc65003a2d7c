"""What the registers told of: the communes that their sums add up, and what wholes are made of there.

Belongs here: reading it of the statuts or of the aggregates, as communes of the reference and as identities.
Does not: what rows print (`construction.py`).

All subsidies of A are 5 EUR, 3 of them of eaje and 2 of alsh: in A, all - eaje - alsh = 0. Of B, all is not
told: nothing is said of B, whose eaje may be. Of C, all are 9, eaje 3, alsh 2: all - eaje - alsh - rest = 0,
where the rest is somebody's.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from confidentialite.memoire.geographie import Geographie
from confidentialite.preuve.exigences import Exigences
from confidentialite.preuve.modele import Lecture, Modele

Cle = tuple[str, int]
"""(mesure, millésime)."""


def lectures(
    exigences: Exigences,
    geographie: Geographie,
    lignes: pd.DataFrame,
    communes: Sequence[int],
    lues: pa.Table | None,
) -> dict[Cle, Lecture]:
    """Return the communes that each mesure of a register was read in, where that is told.

    `communes`: those of the marts, as territories.
    """
    dites = _par_statut(exigences, geographie, lignes, communes)
    if lues is not None:
        dites |= {
            cle: replace(lecture, par_commune=cle in dites)
            for cle, lecture in _par_fichier(geographie, lues).items()
        }
    return dites


def _par_statut(
    exigences: Exigences, geographie: Geographie, lignes: pd.DataFrame, communes: Sequence[int]
) -> dict[Cle, Lecture]:
    """Of a mesure that rows show by commune: those where it is not `non_disponible`.

    These alone are followed (`memoire.lecture`).
    """
    siennes = lignes[
        (lignes["rang"] == 0)
        & (lignes["geographie"] == "reference")
        & (lignes["niveau"] == "commune")
        & (lignes["methode"] == "somme")
        & lignes["formule_numerateur"].isin(list(exigences.registres))
    ]
    atomes: dict[Cle, set[int]] = defaultdict(set)
    for mesure, millesime, territoire in siennes[
        ["formule_numerateur", "millesime", "territoire"]
    ].itertuples(index=False):
        atomes[mesure, int(millesime)].update(geographie.territoires[territoire].tolist())
    # A commune out of the scope has no row at all: nothing tells whether it was read.
    situees = {a for territoire in communes for a in geographie.territoires[territoire].tolist()}
    ailleurs = frozenset(geographie.atomes.values()) - situees
    return {cle: Lecture(frozenset(siens), ailleurs, par_commune=True) for cle, siens in atomes.items()}


def _par_fichier(geographie: Geographie, lues: pa.Table) -> dict[Cle, Lecture]:
    """Of the communes of then: one of the reference is read whole when all that became it were."""
    codes: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for millesime, cog, mesure, code in zip(
        *(lues[c].to_pylist() for c in ("millesime", "cog_millesime", "mesure_id", "atome")), strict=True
    ):
        codes[mesure, int(millesime), int(cog)].add(code)
    resultat: dict[Cle, Lecture] = {}
    for (mesure, millesime, cog), siens in codes.items():
        entieres: set[int] = set()
        en_partie: set[int] = set()
        for code in siens:
            origines, heritieres = geographie.devenues(code, cog)
            (entieres if origines <= siens else en_partie).update(map(geographie.atome, heritieres))
        resultat[mesure, millesime] = Lecture(frozenset(entieres), frozenset(en_partie))
    return resultat


def partager(modele: Modele, apports: pa.Table | None) -> None:
    """Add to a model what wholes are made of where they were read, and whose the finest amounts are.

    To be called before figures are printed. Without the aggregates, what is left of a whole is not known to
    be nothing, and no identity holds.
    """
    if apports is None:
        return
    montants = _montants(modele.geographie, apports)
    atomes_de: dict[Cle, set[int]] = defaultdict(set)
    for mesure, millesime, atome in montants:
        atomes_de[mesure, millesime].add(atome)
    partitions = modele.exigences.partitions
    for mesure, millesime in sorted(atomes_de):
        if (mesure, millesime) not in modele.blocs:
            continue
        bloc = modele.bloc(mesure, millesime)
        if mesure not in partitions:
            for atome in atomes_de[mesure, millesime]:
                modele.fines[bloc, atome] = frozenset(montants[mesure, millesime, atome])
            lecture = modele.lectures[mesure, millesime]
            if not lecture.par_commune:
                # Elsewhere rows say where there is nothing; here none does, and it is no secret.
                rien = sorted(lecture.entieres - atomes_de[mesure, millesime])
                modele.partages += [{(bloc, atome): 1} for atome in rien]
            continue
        parties = [p for p in partitions[mesure] if (p, millesime) in modele.lectures]
        for atome in sorted(modele.lectures[mesure, millesime].entieres):
            siennes = [p for p in parties if atome in modele.lectures[p, millesime].entieres]
            reste = dict(montants.get((mesure, millesime, atome), {}))
            for p in siennes:
                for qui, valeur in montants.get((p, millesime, atome), {}).items():
                    reste[qui] = reste.get(qui, Decimal(0)) - valeur
            vecteur = {(bloc, atome): 1} | {(modele.bloc(p, millesime), atome): -1 for p in siennes}
            if restants := frozenset(qui for qui, valeur in reste.items() if valeur):
                nom = f"{mesure} (autres)"
                modele.montants.add(nom)
                autres = modele.bloc(nom, millesime)
                vecteur[autres, atome] = -1
                modele.fines[autres, atome] = restants
            modele.partages.append(vecteur)


def _montants(
    geographie: Geographie, apports: pa.Table
) -> Mapping[tuple[str, int, int], Mapping[str, Decimal]]:
    """What each gestionnaire receives, by mesure, millésime and commune of the reference."""
    montants: dict[tuple[str, int, int], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for millesime, cog, mesure, code, qui, valeur in zip(
        *(apports[c].to_pylist() for c in ("millesime", "cog_millesime", "mesure_id", "atome")),
        *(apports[c].to_pylist() for c in ("qui", "valeur")),
        strict=True,
    ):
        _, heritieres = geographie.devenues(code, int(cog))
        # What split has no one commune today: its parts are in sums of then alone.
        if len(heritieres) == 1:
            montants[mesure, int(millesime), geographie.atome(next(iter(heritieres)))][qui] += valeur
    return montants
