"""Parquet: one file per table, in a total order. Every other format is made from these files."""

from collections.abc import Iterator
from functools import partial

import duckdb

from publication.exports.controle import refuser_les_chiffres_masques
from publication.exports.format import Export, Tache
from publication.exports.tables import CONSTRUCTION, Table
from socle.sql import nom_sql, texte_sql


def taches(export: Export) -> Iterator[Tache]:
    """Yield a task per table: write it from the build, read it back."""
    (export.dossier / "parquet").mkdir()
    for table in export.par_taille:
        yield partial(_ecrire, export, table)


def _ecrire(export: Export, table: Table, con: duckdb.DuckDBPyConnection) -> None:
    fichier = texte_sql(export.parquet(table))
    con.execute(
        f"copy (from {CONSTRUCTION}.marts.{nom_sql(table.nom)} order by all) to {fichier}"
        " (format parquet, compression zstd, row_group_size 122880)"
    )
    refuser_les_chiffres_masques(con, table, f"read_parquet({fichier})", en_texte=False)
    export.empreintes.de(f"parquet/{table.nom}.parquet")
