"""The certificate: its closed form beside every table there may be, its verdict, the relations."""

import random
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from confidentialite.ancien_ordre import Cellule, possibles
from confidentialite.certificat import CONFORME, REFUSE, alternatives, certifier, ordre_des_comptes
from confidentialite.regle import Regle, lire
from confidentialite.relations import relations, trop_dits
from orchestration.nuit.base import MESURES
from tests.confidentialite.attaquant import par_l_ordre

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
        " rang, code, null::varchar as epci, 'population' as ordre from lues"
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


def test_figures_that_pin_a_count_together_are_drawn_again() -> None:
    """Its whole is 0 to 2, and two parts that nobody is in at once are 1 at least: it is 2, and each is 1."""
    imprimes = {"foyers_allocataires": 0, "allocataires_reference": 0}
    imprimes |= {"allocataires_bas_revenus": 5, "allocataires_fragiles": 5}
    regles = lire(MESURES)
    lignes = [
        {"mesure_id": m, "departement": "26", "rang": rang, "r": r if rang == 2 else 50, "total": 100 + r}
        for m, r in imprimes.items()
        for rang in (1, 2, 3)
    ]
    for ligne in lignes:
        if regles[ligne["mesure_id"]].regle == "cnaf":
            ligne["total"] = None
    types = {"mesure_id": pa.string(), "departement": pa.string(), "rang": pa.int64(), "r": pa.int64()}
    schema = pa.schema(types | {"total": pa.int64()})
    assert trop_dits(pa.Table.from_pylist(lignes, schema=schema), regles) >= {
        (m, "26") for m in ("allocataires_reference", "allocataires_bas_revenus", "allocataires_fragiles")
    }
    sans = [ligne for ligne in lignes if ligne["mesure_id"] != "allocataires_fragiles"]
    assert trop_dits(pa.Table.from_pylist(sans, schema=schema), regles) == set()


@pytest.mark.parametrize("retourne", [False, True])
def test_what_an_order_made_from_counts_tells_is_every_table_tried(retourne: bool) -> None:
    """In the middle of a chain, and at its end, where the largest stands last."""
    de = random.Random(5)
    for _ in range(20):
        codes = [f"26{n:03}" for n in de.sample(range(10), 4)]
        x = sorted((de.randrange(6) for _ in codes), reverse=True)
        # The largest first, the second largest last.
        rangs = sorted(range(4), key=lambda i: (-x[i], codes[i]))
        suite = [rangs[0], *rangs[2:], rangs[1]]
        r, s = [], de.randrange(5)
        for i in suite:
            r.append(5 * ((s + x[i]) // 5) - 5 * (s // 5))
            s += x[i]
        attendu = par_l_ordre(r, [codes[i] for i in suite], 5)
        bloc = [Cellule(codes[i], "e", v) for i, v in zip(suite, r, strict=True)]
        autre = [Cellule("26900", "f", 50)]
        if retourne:
            lus = possibles([*autre, *reversed(bloc)], 5)[1:][::-1]
        else:
            lus = possibles([*bloc, *autre], 5)[:4]
        assert lus == attendu


def test_the_certificate_of_files_placed_by_their_counts_says_what_their_order_tells() -> None:
    con = _marts([30.0, 0.0, 0.0, 0.0, 0.0, 30.0])
    con.execute("update marts.chaines_arrondi set ordre = 'effectifs', epci = 'b' where rang between 2 and 5")
    con.execute("update marts.chaines_arrondi set ordre = 'effectifs' where epci is null")
    certificat = certifier(con, REGLES, "cle")
    assert certificat["verdict"] == CONFORME
    (ancien,) = certificat["anciens_ordres"]
    assert {ancien[c] for c in ("source", "millesime", "departement", "mesures")} == {"caf", 2022, "26", 1}
    assert ancien["sous_le_pas"] > 0
    assert ordre_des_comptes(certificat)
    assert not ordre_des_comptes(certifier(_marts([20.0, 0.0, 15.0]), REGLES, "cle"))
