"""What the proof asks of a build beside its marts: told from counts and rules, never from what was masked."""

import gc
import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from petits_marts import EXIGENCES, Indicateur, Marts

from confidentialite.preuve import entrees
from confidentialite.preuve.auditeur import prouver
from confidentialite.preuve.controles import CONTROLES
from confidentialite.preuve.entrees import Agregats, lire_agregats, lire_exigences


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build with one small cell of each kind."""
    with duckdb.connect() as con:
        con.execute(
            """
            create schema intermediate; create schema marts; create schema seeds;
            create table intermediate.int_secret_cellules as from (values
                ('commune', 'A', 2024, 'rsa', 3, 3, null, true, 'foyers'),
                ('commune', 'B', 2024, 'rsa', 38, 38, null, true, 'foyers'),
                ('commune', 'B', 2024, 'foyers', 40, 40, null, true, 'foyers'),
                ('commune', 'C', 2024, 'rsa', 40, 40, null, true, 'foyers'),
                ('commune', 'C', 2024, 'foyers', 40, 40, null, true, 'foyers'),
                ('commune', 'D', 2024, 'rsa', 1, 1, null, true, 'foyers'),
                ('commune', 'E', 2024, 'aides', 900, 9, 890, true, 'foyers'),
                ('epci', 'X', 2024, 'aides', 500, 1, 500, true, 'gestionnaires')
            ) t(niveau, code, millesime, mesure_id, valeur, n, max1, micro, contributeurs);
            create table intermediate.int_secret_atomes as from (values (2024, 2024, 'E', 'epci', 'X'))
                t(millesime, cog_millesime, atome, niveau, code);
            create table intermediate.int_secret_communes as from (
                values (2024, 2024, 'E', 'aides', [{'qui': 'g1', 'valeur': 500}]),
                    (2024, 2024, 'F', 'rsa', null)
            ) t(millesime, cog_millesime, atome, mesure_id, contributions);
            create table intermediate.int_secret_lues as from (
                values (2024, 2024, 'E', 'aides', 500), (2024, 2024, 'G', 'aides', 0)
            ) t(millesime, cog_millesime, atome, mesure_id, valeur);
            create table marts.dim_indicateur as from (values ('part', 'ratio', true, 'rsa', 'foyers'))
                t(indicateur_id, methode, part_d_un_tout, numerateur, denominateur);
            create table seeds.mesures as from (
                values ('rsa', 'foyers', null), ('foyers', 'foyers', null), ('aides', 'EUR', null),
                ('benevoles', 'personnes', 'personnes')
            ) t(mesure_id, unite, contributeurs);
            create table seeds.parametres as from (
                values ('arrondi_cafdata_bas', '-2'), ('arrondi_cafdata_haut', '4')
            ) t(parametre, valeur);
            """
        )
        yield con


def test_a_build_without_micro_data_tells_nothing() -> None:
    with duckdb.connect() as vide:
        assert lire_agregats(vide, EXIGENCES) == Agregats()


def test_the_rules_are_those_in_force_with_what_the_seeds_tell(con: duckdb.DuckDBPyConnection) -> None:
    exigences = lire_exigences(con)
    assert (exigences.arrondi_bas, exigences.arrondi_haut) == (-2, 4)
    assert exigences.registres == {"benevoles"} and exigences.seuil >= 2


def test_lone_contributors_are_told_one_from_the_other(con: duckdb.DuckDBPyConnection) -> None:
    singletons = lire_agregats(con, EXIGENCES).singletons
    assert singletons is not None
    assert {(s["code"], s["mesure_id"], s["contributeur"]) for s in singletons.to_pylist()} == {
        ("D", "rsa", "commune:D 2024"),
        ("X", "aides", "gestionnaire g1"),
    }


def test_cells_hidden_for_themselves_are_told_from_counts(con: duckdb.DuckDBPyConnection) -> None:
    """Few (A, D), few left of a whole (B), everybody's (C), nearly all one's (E), few structures (X)."""
    sensibles = lire_agregats(con, replace(EXIGENCES, groupe=frozenset({"rsa"}))).sensibles
    assert sensibles is not None
    assert {(s["code"], s["formule"]) for s in sensibles.to_pylist()} == {
        ("A", "rsa"),
        ("D", "rsa"),
        ("B", "foyers-rsa"),
        ("C", "rsa"),
        ("E", "aides"),
        ("X", "aides"),
    }


def test_the_largest_contribution_is_asked_of_amounts_alone(con: duckdb.DuckDBPyConnection) -> None:
    maxima = lire_agregats(con, EXIGENCES).maxima
    assert maxima is not None
    assert {(m["code"], m["max1"]) for m in maxima.to_pylist()} == {("E", 890), ("X", 500)}


def test_the_communes_that_were_read_and_who_receives_are_told(con: duckdb.DuckDBPyConnection) -> None:
    agregats = lire_agregats(con, EXIGENCES)
    assert agregats.lues is not None and agregats.apports is not None
    assert [(x["mesure_id"], x["atome"]) for x in agregats.lues.to_pylist()] == [
        ("aides", "E"),
        ("aides", "G"),
    ]
    assert [(x["mesure_id"], x["atome"], x["qui"], x["valeur"]) for x in agregats.apports.to_pylist()] == [
        ("aides", "E", "g1", 500)
    ]


def test_no_mask_is_read() -> None:
    source = inspect.getsource(entrees)
    assert "int_masques" not in source and "raison" not in source.replace("reason", "")


def test_each_check_is_asked_once_and_shows_an_example() -> None:
    assert len({c.__name__ for c in CONTROLES}) == len(CONTROLES)
    for controle in CONTROLES:
        exemple = [ligne for ligne in (controle.__doc__ or "").splitlines() if ligne.startswith(" " * 8)]
        assert len(exemple) == 3, controle.__name__


def test_the_night_hands_paths_and_the_proof_reads_the_rest(tmp_path: Path) -> None:
    communes = {"26001": "E1", "26002": "E1", "26003": "E1"}
    marts = Marts(
        communes,
        {("rsa", 2024): {"26001": 3, "26002": 7, "26003": 20}},
        {"nb_rsa": Indicateur("somme", "rsa")},
        {(f"commune:{c}", 2024, "nb_rsa") for c in ("26001", "26002")},
    )
    base = marts.ecrire(tmp_path / "nuit.duckdb")
    with duckdb.connect(str(base)) as con:
        con.execute(
            """
            create schema seeds;
            create table seeds.mesures as select 'rsa' as mesure_id, null::varchar as contributeurs;
            create table seeds.parametres as from (
                values ('arrondi_cafdata_bas', '-2'), ('arrondi_cafdata_haut', '4')
            ) t(parametre, valeur);
            """
        )
    constats = prouver(base, tmp_path / "registre", tmp_path / "agregats" / "bornes.json", "departement:26")
    assert constats.succes and constats.comptes["cellules_masquees"] == 2, constats.message
    assert [p.name for p in (tmp_path / "agregats").iterdir()] == ["bornes.json"]
    # What it puts off for its own speed, it gives back.
    assert gc.isenabled()
