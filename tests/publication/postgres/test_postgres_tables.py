"""What is there of a release in PostgreSQL: rows, types, comments, keys, indexes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from socle.erreurs import ErreurPublication
from tests.publication.releases_postgres import Cible, DeuxReleases, copie


def _forme(valeur: object) -> object:
    # NaN is not equal to itself, and 0.0 is to -0.0.
    return repr(valeur) if isinstance(valeur, float) else valeur


def _lignes(lues: list[tuple[Any, ...]]) -> Counter[tuple[object, ...]]:
    return Counter(tuple(map(_forme, ligne)) for ligne in lues)


def test_every_table_has_the_rows_of_the_release(publication: Cible, releases: DeuxReleases) -> None:
    """Both ways, statuts and blanks included: no row more, none less, to the last digit of a double."""
    parquets = {p.stem: f"read_parquet('{p}')" for p in (releases.seconde / "parquet").glob("*.parquet")}
    base = duckdb.connect(str(releases.seconde / "ctg.duckdb"), read_only=True)
    tables = {t for (t,) in base.execute("select table_name from duckdb_tables()").fetchall()}
    la = publication.lire("select relname from pg_class where relnamespace = 'marts'::regnamespace"
                          " and relkind = 'r'")  # fmt: skip
    assert {nom for (nom,) in la} == tables >= parquets.keys()
    for table in sorted(tables):
        relation = base.execute(f"from {parquets.get(table, f'marts.{table}')}")
        colonnes = [c[0] for c in relation.description]
        voulues = _lignes(relation.fetchall())
        with psycopg.connect(publication.dsn) as con:
            curseur = con.execute(f"select * from marts.{table}".encode())
            assert [c.name for c in curseur.description or ()] == colonnes
            assert _lignes(curseur.fetchall()) == voulues, table
    secrets = publication.lire(
        "select valeur, borne_basse, valeur_affichee from marts.fct_indicateurs where statut = 'secret'"
    )
    assert secrets and set(secrets) == {(None, None, "s")}
    base.close()


def test_types_are_those_of_the_release(publication: Cible) -> None:
    types = dict(publication.lire(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = 'marts.zonages_communes'::regclass and attnum > 0"))  # fmt: skip
    assert types == {
        "rang": "integer",
        "texte": "text",
        "autre": "text",
        "reel": "double precision",
        "grand": "double precision",
        "montant": "numeric(12,2)",
        "vrai": "boolean",
        "jour": "date",
        "instant": "timestamp without time zone",
        "entier": "bigint",
        "petit": "smallint",
    }


def test_a_type_without_a_counterpart_is_refused(
    publication: Cible, releases: DeuxReleases, tmp_path: Path
) -> None:
    release = copie(releases.seconde, tmp_path)
    with duckdb.connect(str(release / "ctg.duckdb")) as con:
        con.execute("create table marts.listes as select [1, 2] as notes")
    with pytest.raises(ErreurPublication, match=r"marts\.listes\.notes has type INTEGER\[\]"):
        publication.publier(release)


def test_comments_keys_and_indexes(publication: Cible, releases: DeuxReleases) -> None:
    paquet = json.loads((releases.seconde / "datapackage.json").read_bytes())
    with duckdb.connect(str(releases.seconde / "ctg.duckdb"), read_only=True) as con:
        commentaires = con.execute(
            "select table_name, '', comment from duckdb_tables() where comment is not null union all"
            " select table_name, column_name, comment from duckdb_columns() where comment is not null"
        ).fetchall()
    for ressource in paquet["resources"]:
        nom = ressource["name"]
        cle = publication.lire(
            f"select a.attname, a.attnotnull from pg_index i, unnest(i.indkey) with ordinality k(n, rang)"
            f" join pg_attribute a on a.attnum = k.n where i.indrelid = 'marts.{nom}'::regclass"
            " and a.attrelid = i.indrelid and i.indisprimary order by rang"
        )
        assert cle == [(colonne, True) for colonne in ressource["schema"].get("primaryKey", ())], nom
        # As tools that draw the star read them.
        liens = publication.lire(
            "select a.attname, c.confrelid::regclass::text, b.attname from pg_constraint c"
            " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
            " join pg_attribute b on b.attrelid = c.confrelid and b.attnum = c.confkey[1]"
            f" where c.contype = 'f' and c.conrelid = 'marts.{nom}'::regclass"
        )
        assert sorted(liens) == sorted(
            (*lien["fields"], f"marts.{lien['reference']['resource']}", *lien["reference"]["fields"])
            for lien in ressource["schema"].get("foreignKeys", ())
        ), nom
        dits = dict(publication.lire(
            "select coalesce(attname, ''), d.description from pg_description d left join pg_attribute a on"
            f" attrelid = objoid and attnum = objsubid where objoid = 'marts.{nom}'::regclass"))  # fmt: skip
        assert dits == {colonne: dit for table, colonne, dit in commentaires if table == nom}, nom
    assert "l'essentiel" in publication.seule("select obj_description('marts.fct_indicateurs'::regclass)")
    filtres = publication.lire(
        "select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
        " and a.attnum = i.indkey[0] where i.indrelid = 'marts.fct_indicateurs'::regclass order by 1"
    )
    assert [f for (f,) in filtres] == [
        "code", "indicateur_id", "millesime", "niveau", "territoire_id", "theme",
    ]  # fmt: skip
    assert releases.seconde.name in publication.seule(
        "select obj_description('marts'::regnamespace, 'pg_namespace')"
    )
    # Frozen, analysed, and nothing for autovacuum to lock.
    assert publication.seule(
        "select count(*) from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r'"
        " and (reltuples < 0 or not 'autovacuum_enabled=false' = any(reloptions))"
    ) == 0  # fmt: skip


def test_not_null_is_that_of_the_release(cible: Cible, releases: DeuxReleases, tmp_path: Path) -> None:
    """Keys and NOT NULL that `ctg.duckdb` declares are those of the server, before those of the package."""
    release = copie(releases.seconde, tmp_path)
    with duckdb.connect(str(release / "ctg.duckdb")) as con:
        con.execute("create table marts.promise (a integer not null, b integer, c varchar primary key)")
    cible.publier(release)
    assert cible.lire(
        "select attname, attnotnull from pg_attribute where attrelid = 'marts.promise'::regclass"
        " and attnum > 0 order by attnum"
    ) == [("a", True), ("b", False), ("c", True)]
    assert cible.seule("select count(*) from pg_index where indrelid = 'marts.promise'::regclass") == 1
