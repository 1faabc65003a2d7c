"""Statistical secrecy: which rows must not be shown. `masquer` is the masks step of the warehouse.

Belongs here: the entry point. The engine is `masques.py` and what it calls; hours and posts of registers,
whose contributors are not known, are `registres.py`; the audit that trusts none of it is `audit/`.
"""

import pyarrow as pa

from confidentialite.moteur.registres import masquer_registres
from confidentialite.moteur.systeme import Entrees
from confidentialite.regle import parametres

SCHEMA = pa.schema(
    [
        ("territoire_id", pa.string()),
        ("millesime", pa.int32()),
        ("indicateur_id", pa.string()),
        ("raison", pa.string()),
    ]
)


def masquer(entrees: Entrees) -> pa.Table:
    """Return the masks of the cells: `territoire_id, millesime, indicateur_id, raison`, sorted.

    A cell that earlier releases give away although it must be hidden today stays hidden, under the reason
    `divulguee`: it is for the audit to stop the night until a person has decided. Raises ErreurPublication
    when the figures contradict each other.
    """
    # The solver is only needed here, and would cost every `ctg` command its start.
    from confidentialite.moteur import masques

    regles = parametres.charger()
    divulguees: frozenset[tuple[int, str, str, str]] = frozenset()
    while True:
        try:
            resultat = masques.decider(entrees, regles, parametres.relations(), assumees=divulguees)
            break
        except masques.DivulgationAnterieure as incident:
            if incident.cellules <= divulguees:
                raise
            divulguees |= incident.cellules
    extrait = pa.Table.from_pylist(
        [
            {
                "territoire_id": m.territoire_id,
                "millesime": m.millesime,
                "indicateur_id": m.indicateur_id,
                "raison": m.raison,
            }
            for m in resultat.masques
        ],
        schema=SCHEMA,
    )
    registres = masquer_registres(
        entrees.cellules, entrees.indicateurs, resultat.jugees, regles.seuil_frequence.valeur
    )
    return pa.concat_tables([extrait, registres.cast(SCHEMA)]).sort_by(
        [(c, "ascending") for c in SCHEMA.names]
    )
