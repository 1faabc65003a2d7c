"""`ctg.duckdb`: the tables of the release in schema `marts`, real ones, with their comments.

The one table file that names its release (`marts.dim_release`, and what it tells of itself beside), and whose
bytes vary from one writing to the next.
"""

from collections.abc import Iterator
from functools import partial

import duckdb

from publication.exports.format import Export, Tache, executer
from publication.exports.tables import Table
from socle.sql import nom_sql, texte_sql


def taches(export: Export) -> Iterator[Tache]:
    """Yield the only task: a DuckDB file has one writer."""
    yield partial(_ecrire, export)


def _ecrire(export: Export, con: duckdb.DuckDBPyConnection) -> None:
    assert export.release is not None
    con.execute(f"attach {texte_sql(export.dossier / 'ctg.duckdb')} as base")
    # Comments come before rows, in one transaction: each rewrites its table's entry, and a commit waits
    # for the disk.
    con.execute("begin; create schema base.marts; use base.marts")
    for table in export.tables:
        con.execute(f"create table {nom_sql(table.nom)} as from {_lire(export, table)} limit 0")
        con.execute(";".join(_commentaires(table)))
    champs = ", ".join(f"${champ} as {champ}" for champ in export.release)
    con.execute(f"create table dim_release as select {champs}", export.release)
    con.execute("comment on table dim_release is 'La release elle-même (une ligne) ; heures en UTC.'")
    for annexe in export.annexes:
        con.register("annexe", annexe.table)
        con.execute(f"create table {nom_sql(annexe.nom)} as from annexe")
        con.execute(f"comment on table {nom_sql(annexe.nom)} is {texte_sql(annexe.description)}")
        con.unregister("annexe")
    con.execute("commit")
    con.execute("use memory")

    executer(con, (partial(_remplir, export, table) for table in export.par_taille))
    con.execute("checkpoint base; detach base")
    export.empreintes.de("ctg.duckdb")


def _remplir(export: Export, table: Table, con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"insert into base.marts.{nom_sql(table.nom)} from {_lire(export, table)}")


def _lire(export: Export, table: Table) -> str:
    return f"read_parquet({texte_sql(export.parquet(table))})"


def _commentaires(table: Table) -> Iterator[str]:
    if table.description:
        yield f"comment on table {nom_sql(table.nom)} is {texte_sql(table.description)}"
    for colonne in table.colonnes:
        if colonne.description:
            cible = f"{nom_sql(table.nom)}.{nom_sql(colonne.nom)}"
            yield f"comment on column {cible} is {texte_sql(colonne.description)}"
