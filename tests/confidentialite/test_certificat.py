"""The certificate: its closed form beside every table there may be, its verdict, the relations."""

import random
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from confidentialite.certificat import CONFORME, REFUSE, alternatives, certifier
from confidentialite.regle import Regle, lire
from confidentialite.relations import relations, retenir
from orchestration.nuit.base import MESURES

REGLES = {"familles": Regle("familles", "chaine", 5)}


def _toutes(r: list[int], pas: int) -> list[int]:
    """How few values the residues leave to each count, for the worst ends, by trying every residue."""
    moins = [10**6] * len(r)
    for a, b in product(range(pas), repeat=2):
        vus: list[set[int]] = [set() for _ in r]
        for p in product(range(pas), repeat=len(r) - 1):
            residus = (a, *p, b)
            x = [v + residus[i + 1] - residus[i] for i, v in enumerate(r)]
            if min(x) >= 0:
                for i, v in enumerate(x):
                    vus[i].add(v)
        if vus[0]:
            moins = [min(m, len(v)) for m, v in zip(moins, vus, strict=True)]
    return moins


@pytest.mark.parametrize("graine", range(5))
def test_the_closed_form_is_every_table_tried(graine: int) -> None:
    de = random.Random(graine)
    for _ in range(10):
        r = [3 * de.randrange(3) for _ in range(de.randrange(2, 6))]
        if any(r):
            assert alternatives(np.array(r, dtype=float), 3).tolist() == _toutes(r, 3)


def _marts(valeurs: list[float | None]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema marts")
    con.execute(
        "create table marts.dim_indicateur as select 'nb_familles' as indicateur_id, 'somme' as methode,"
        " 'familles' as numerateur, null as denominateur"
    )
    lignes = [{"code": f"26{n:03}", "rang": n, "valeur": v} for n, v in enumerate(valeurs, 1)]
    con.register("lues", pa.Table.from_pylist(lignes))
    con.execute(
        "create table marts.chaines_arrondi as select 'caf' as source_id, 2022 as millesime, '26' as"
        " departement,"
        " rang, code from lues"
    )
    con.execute(
        "create table marts.fct_indicateurs as select 'commune' as niveau, code, 2022 as millesime,"
        " 'nb_familles' as"
        " indicateur_id, valeur, null as numerateur, null as denominateur, null as millesime_denominateur,"
        " 'caf' as source_ids, null::varchar as motif_code from lues where valeur is not null"
    )
    return con


@pytest.mark.parametrize(
    ("valeurs", "moins", "verdict"),
    [
        ([20.0, 0.0, 5.0, 0.0, 15.0], 5, CONFORME),
        # A commune that is not shown is taken for what tells most of its neighbours.
        ([20.0, None, 5.0, 15.0], 5, CONFORME),
        # A chain whose end is printed 0 should never have been published.
        ([0.0, 5.0, 5.0, 15.0], 1, REFUSE),
    ],
)
def test_the_verdict(valeurs: list[float | None], moins: int, verdict: str) -> None:
    certificat = certifier(_marts(valeurs), REGLES, "cle")
    assert certificat["verdict"] == verdict
    assert certificat["mesures"] == [
        {"mesure": "familles", "pas": 5, "chaines": 1, "cellules": len(valeurs), "alternatives_min": moins}
    ]


def test_relations_name_mesures_of_the_rule() -> None:
    regles = lire(MESURES)
    assert all({*r.tout, *r.parties} <= regles.keys() for r in relations())


def test_a_part_that_its_whole_pins_down_is_shown_above_the_commune_alone() -> None:
    """Its whole is 0 to 2 and it is at least 2: it is 2."""
    lignes = [
        {"niveau": "commune", "code": "26001", "mesure_id": m, "valeur": v, "amplitude": a, "marque": None}
        for m, v, a in (("foyers_paje", 0, 2), ("foyers_cmg", 5, 3), ("foyers_af", 5, 2))
    ]
    types = {"niveau": pa.string(), "code": pa.string(), "mesure_id": pa.string()}
    types |= {"valeur": pa.int64(), "amplitude": pa.int64(), "marque": pa.string()}
    retenues = retenir(pa.Table.from_pylist(lignes, schema=pa.schema(types)), lire(MESURES))
    # What the part is at least, the whole is too: both are pinned, both are kept back.
    assert retenues["retenue"].to_pylist() == [True, True, False]
