"""What a release says of its tables, read from its `ctg.duckdb`: types, keys, comments, rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from publication.exports.tables import ColonneDeMart
from socle.erreurs import ErreurPublication
from socle.etat import lire_json
from socle.sql import nom_sql

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20)",
    "HUGEINT": "numeric(39)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
_DECIMAL = re.compile(r"DECIMAL(\(\d+,\d+\))")
# Rows handed over at once: some megabytes of the widest table.
_PAQUET = 20_000


@dataclass(frozen=True)
class Cles:
    """The key of a table, which may be empty, and where its columns lead: `(column, table, its key)`."""

    cle: tuple[str, ...] = ()
    liens: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the release, with the types of PostgreSQL; `lignes` is exact."""

    nom: str
    description: str | None
    colonnes: tuple[ColonneDeMart, ...]
    cles: Cles
    lignes: int


@dataclass(frozen=True)
class Edition:
    """Which release it is, as its `dim_release` names it."""

    release_id: str
    content_hash: str
    profil: str
    perimetre: str


@dataclass(frozen=True)
class Contenu:
    """An open release."""

    edition: Edition
    tables: tuple[Table, ...]
    _con: duckdb.DuckDBPyConnection

    def paquets(self, table: Table) -> "pa.RecordBatchReader":
        """Return the rows of a table, in the order of the release."""
        return self._con.execute(f"from marts.{nom_sql(table.nom)}").to_arrow_reader(_PAQUET)


@contextmanager
def ouvrir(release: Path) -> Iterator[Contenu]:
    """Open a release of the store to read its tables.

    Raises ErreurPublication when a column has a type or a name that PostgreSQL has not.
    """
    with duckdb.connect(str(release / "ctg.duckdb"), read_only=True) as con:
        lue = con.execute(
            "select release_id, content_hash, profil, perimetre from marts.dim_release"
        ).fetchone()
        assert lue
        yield Contenu(Edition(*lue), tuple(_tables(con, release)), con)


def _tables(con: duckdb.DuckDBPyConnection, release: Path) -> Iterator[Table]:
    cles = _cles(con, release)
    colonnes: dict[str, list[ColonneDeMart]] = {}
    for table, nom, type_, facultative, description in con.execute(
        """
        select table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
        where schema_name = 'marts' and not internal order by table_name, column_index
        """
    ).fetchall():
        obligatoire = not facultative or nom in cles.get(table, Cles()).cle
        colonnes.setdefault(table, []).append(
            ColonneDeMart(nom, _type(f"{table}.{nom}", type_), description, obligatoire)
        )
    for nom, description in con.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by table_name"
    ).fetchall():
        for dit in (nom, *(c.nom for c in colonnes[nom])):
            if len(dit.encode()) > 63:
                raise ErreurPublication(
                    f"marts.{nom}: {dit!r} has more than the 63 bytes that PostgreSQL keeps of a name."
                    " Nothing was published there: shorten it in the dictionary or in its model."
                )
        (lignes,) = con.execute(f"select count(*) from marts.{nom_sql(nom)}").fetchone() or (0,)
        yield Table(nom, description, tuple(colonnes[nom]), cles.get(nom, Cles()), lignes)


def _cles(con: duckdb.DuckDBPyConnection, release: Path) -> dict[str, Cles]:
    """Return the keys of each table: those of the package, and of `ctg.duckdb` for what it does not describe.

    A key that is declared in the package alone has an index here too: the server reads by it.
    """
    suite = "publish another release, or put this one back from a backup"
    paquet = lire_json(release / "datapackage.json", dict[str, Any], "what the tables are", suite)
    if paquet is None:
        raise ErreurPublication(f"{release} has no datapackage.json. Next: {suite}")
    cles = {
        r["name"]: Cles(
            tuple(r["schema"].get("primaryKey", ())),
            tuple(
                (*lien["fields"], lien["reference"]["resource"], *lien["reference"]["fields"])
                for lien in r["schema"].get("foreignKeys", ())
            ),
        )
        for r in paquet["resources"]
    }
    declarees = con.execute(
        "select table_name, constraint_column_names from duckdb_constraints()"
        " where schema_name = 'marts' and constraint_type = 'PRIMARY KEY'"
    ).fetchall()
    return cles | {t: Cles(tuple(cle), cles.get(t, Cles()).liens) for t, cle in declarees}


def _type(ou: str, type_: str) -> str:
    if decimal := _DECIMAL.fullmatch(type_):
        return f"numeric{decimal[1]}"
    if type_ not in _TYPES:
        raise ErreurPublication(
            f"marts.{ou} has type {type_}, which is published to PostgreSQL under none of its own; known:"
            f" {', '.join(_TYPES)}, DECIMAL. Nothing was published there: cast it in its model, or add the"
            " type to publication/exports/postgres/tables.py."
        )
    return _TYPES[type_]
