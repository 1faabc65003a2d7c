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
from confidentialite.preuve.entrees import lire_agregats, lire_exigences
from socle.erreurs import ErreurPublication


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build with one small cell of each kind."""
    with duckdb.connect() as con:
        con.execute(
            """
            create schema intermediate; create schema marts; create schema seeds;
            create table intermediate.int_secret_cellules as from (values
                ('commune', 'A', 2024, 'rsa', 3, 3, null, null, true, 'foyers'),
                ('commune', 'B', 2024, 'rsa', 38, 38, null, null, true, 'foyers'),
                ('commune', 'B', 2024, 'foyers', 40, 40, null, null, true, 'foyers'),
                ('commune', 'C', 2024, 'rsa', 40, 40, null, null, true, 'foyers'),
                ('commune', 'C', 2024, 'foyers', 40, 40, null, null, true, 'foyers'),
                ('commune', 'C', 2024, 'apl', 40, 40, null, null, true, 'foyers'),
                ('commune', 'D', 2024, 'rsa', 1, 1, null, null, true, 'foyers'),
                ('commune', 'E', 2024, 'aides', 900, 9, 890, 4, true, 'foyers'),
                ('commune', 'F', 2024, 'aides', 1000, 9, 600, 380, true, 'foyers'),
                ('commune', 'G', 2024, 'aides', 1000, 9, 600, 300, true, 'foyers'),
                ('epci', 'X', 2024, 'aides', 500, 1, 500, 0, true, 'gestionnaires'),
                ('epci', 'Y', 2024, 'aides', 1300, 4, 700, 560, true, 'gestionnaires')
            ) t(niveau, code, millesime, mesure_id, valeur, n, max1, max2, micro, contributeurs);
            create table intermediate.int_secret_atomes as from (values
                (2024, 2024, 'E1', 'epci', 'X'),
                (2024, 2024, 'H', 'epci', 'Y'),
                (2024, 2024, 'I', 'epci', 'Y'),
                (2024, 2024, 'F', 'commune', 'F')
            ) t(millesime, cog_millesime, atome, niveau, code);
            create table intermediate.int_secret_communes as from (values
                (2024, 2024, 'E1', 'aides', 500, 1, 500, 0, [{'qui': 'g1', 'valeur': 500}]),
                (2024, 2024, 'H', 'aides', 760, 2, 700, 60,
                    [{'qui': 'g2', 'valeur': 700}, {'qui': 'g3', 'valeur': 60}]),
                (2024, 2024, 'I', 'aides', 500, 1, 500, 0, [{'qui': 'g3', 'valeur': 500}]),
                (2024, 2024, 'F', 'aides', 1000, 9, 600, 380, null),
                (2024, 2024, 'F', 'autres', 70, 1, 70, 0, null)
            ) t(millesime, cog_millesime, atome, mesure_id, valeur, n, max1, max2, contributions);
            create table intermediate.int_secret_lues as from (
                values (2024, 2024, 'E1', 'aides', 500), (2024, 2024, 'G', 'aides', 0)
            ) t(millesime, cog_millesime, atome, mesure_id, valeur);
            create table marts.dim_indicateur as from (values ('part', 'ratio', true, 'rsa', 'foyers'))
                t(indicateur_id, methode, part_d_un_tout, numerateur, denominateur);
            create table seeds.mesures as from (
                values ('rsa', 'foyers', null, 'oui'), ('foyers', 'foyers', null, 'non'),
                ('apl', 'foyers', null, 'non'), ('aides', 'EUR', null, 'non'),
                ('autres', 'francs', null, 'non'),
                ('benevoles', 'personnes', 'personnes', 'non'), ('logements', 'logements', null, null)
            ) t(mesure_id, unite, contributeurs, sensible);
            create table seeds.unites as from (
                values ('foyers', false), ('EUR', true), ('francs', true), ('personnes', false)
            ) t(unite, monnaie);
            create table seeds.parametres as from (
                values ('arrondi_cafdata_bas', '-2'), ('arrondi_cafdata_haut', '4')
            ) t(parametre, valeur);
            """
        )
        yield con


def test_the_rules_are_those_in_force_with_what_the_seeds_tell(con: duckdb.DuckDBPyConnection) -> None:
    exigences = lire_exigences(con)
    assert (exigences.arrondi_bas, exigences.arrondi_haut) == (-2, 4)
    assert exigences.registres == {"benevoles"} and exigences.seuil >= 2
    assert exigences.groupe == {"rsa"} and exigences.monnaies == {"EUR", "francs"}


def test_a_protected_mesure_that_does_not_say_whether_it_is_sensitive_stops_the_audit(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute("update seeds.mesures set sensible = null where mesure_id = 'apl'")
    with pytest.raises(ErreurPublication, match=r"sensitive: apl\. Write oui or non in the column sensible"):
        lire_exigences(con)


def test_lone_contributors_are_told_one_from_the_other(con: duckdb.DuckDBPyConnection) -> None:
    singletons = lire_agregats(con, EXIGENCES).singletons
    assert singletons is not None
    assert {(s["code"], s["mesure_id"], s["valeur"], s["contributeur"]) for s in singletons.to_pylist()} == {
        ("D", "rsa", 1, "commune:D 2024"),
        ("X", "aides", 500, "gestionnaire g1"),
    }


def test_the_lone_foyer_of_a_territory_is_that_of_its_commune(con: duckdb.DuckDBPyConnection) -> None:
    """A CTG of D, of one foyer, and of H, of none: whoever it is knows that it lives in D."""
    con.execute(
        """
        insert into intermediate.int_secret_communes values (2024, 2024, 'D', 'rsa', 1, 1, null, null, null);
        insert into intermediate.int_secret_atomes values
            (2024, 2024, 'D', 'commune', 'D'), (2024, 2024, 'D', 'ctg', 'T'), (2024, 2024, 'H', 'ctg', 'T');
        insert into intermediate.int_secret_cellules values
            ('ctg', 'T', 2024, 'rsa', 1, 1, null, null, true, 'foyers')
        """
    )
    singletons = lire_agregats(con, EXIGENCES).singletons
    assert singletons is not None
    assert {(s["code"], s["contributeur"]) for s in singletons.to_pylist() if s["mesure_id"] == "rsa"} == {
        ("D", "foyers D (2024) 2024"),
        ("T", "foyers D (2024) 2024"),
    }


def test_cells_hidden_for_themselves_are_told_from_counts(con: duckdb.DuckDBPyConnection) -> None:
    """Few (A, D), few left (B), everybody's (C), one's (E), two's (F, Y), few structures (X)."""
    regles = replace(EXIGENCES, groupe=frozenset({"rsa"}), p_pourcent=10, inclusions=(("apl", "rsa"),))
    sensibles = lire_agregats(con, regles).sensibles
    assert sensibles is not None
    assert {(s["code"], s["formule"]) for s in sensibles.to_pylist()} == {
        ("A", "rsa"),
        ("D", "rsa"),
        ("B", "foyers-rsa"),
        ("C", "rsa"),
        ("C", "foyers-rsa"),
        ("E", "aides"),
        ("F", "aides"),
        ("X", "aides"),
        ("Y", "aides"),
    }


def test_the_largest_contribution_is_asked_of_amounts_alone(con: duckdb.DuckDBPyConnection) -> None:
    maxima = lire_agregats(con, EXIGENCES).maxima
    assert maxima is not None
    assert {(m["code"], m["max1"]) for m in maxima.to_pylist()} == {("E", 890), ("X", 500)}
    avec_p = lire_agregats(con, replace(EXIGENCES, p_pourcent=10)).maxima
    assert avec_p is not None and {m["code"] for m in avec_p.to_pylist()} == {*"EFXY"}


def test_who_is_second_is_told_with_what_it_knows(con: duckdb.DuckDBPyConnection) -> None:
    """In Y, g3 has 60 of H and all of I; in F, some foyer is second, and may have the other amount."""
    agregats = lire_agregats(con, replace(EXIGENCES, p_pourcent=10))
    assert agregats.seconds is not None and agregats.parts is not None
    foyer = "foyer commune F 2024 aides"
    assert {(s["code"], s["contributeur"]) for s in agregats.seconds.to_pylist()} == {
        ("Y", "gestionnaire g3"),
        ("E", "foyer commune E 2024 aides"),
        ("F", foyer),
    }
    sues = {
        (p["contributeur"], p["atome"], p["mesure_id"], p["bas"], p["haut"])
        for p in agregats.parts.to_pylist()
    }
    assert {s for s in sues if s[0] in ("gestionnaire g3", foyer)} == {
        ("gestionnaire g3", "H", "aides", 60, None),
        ("gestionnaire g3", "I", "aides", 500, 500),
        (foyer, "F", "aides", 380, None),
        (foyer, "F", "autres", 70, 70),
    }


def test_the_communes_that_were_read_and_who_receives_are_told(con: duckdb.DuckDBPyConnection) -> None:
    agregats = lire_agregats(con, EXIGENCES)
    assert agregats.lues is not None and agregats.apports is not None
    assert [(x["mesure_id"], x["atome"]) for x in agregats.lues.to_pylist()] == [
        ("aides", "E1"),
        ("aides", "G"),
    ]
    assert [(x["atome"], x["qui"], x["valeur"]) for x in agregats.apports.to_pylist()] == [
        ("E1", "g1", 500),
        ("H", "g2", 700),
        ("H", "g3", 60),
        ("I", "g3", 500),
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
            create or replace table seeds.mesures as
                select 'rsa' as mesure_id, 'foyers' as unite, null as contributeurs, 'oui' as sensible;
            create table seeds.unites as select 'foyers' as unite, false as monnaie;
            create table seeds.parametres as from (
                values ('arrondi_cafdata_bas', '-2'), ('arrondi_cafdata_haut', '4')
            ) t(parametre, valeur);
            create table intermediate.int_secret_cellules as from (values
                ('commune', '26001', 2024, 'rsa', 3, 3, null, null, true, 'foyers'),
                ('commune', '26002', 2024, 'rsa', 7, 7, null, null, true, 'foyers'),
                ('commune', '26003', 2024, 'rsa', 20, 20, null, null, true, 'foyers')
            ) t(niveau, code, millesime, mesure_id, valeur, n, max1, max2, micro, contributeurs);
            create or replace table intermediate.int_secret_communes as
                select
                    millesime, 2025 as cog_millesime, code as atome, mesure_id, valeur, n, max1, max2,
                    null::struct(qui varchar, valeur double)[] as contributions
                from intermediate.int_secret_cellules;
            create table intermediate.int_secret_lues as
                select millesime, cog_millesime, atome, mesure_id, valeur
                from intermediate.int_secret_communes limit 0;
            """
        )
    constats = prouver(base, tmp_path / "registre", tmp_path / "agregats" / "bornes.json", "departement:26")
    assert constats.succes and constats.comptes["cellules_masquees"] == 2, constats.message
    assert [p.name for p in (tmp_path / "agregats").iterdir()] == ["bornes.json"]
    # What it puts off for its own speed, it gives back.
    assert gc.isenabled()
