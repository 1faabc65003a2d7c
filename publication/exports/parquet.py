"""Parquet: one file per table, in a total order, with its descriptions in the metadata of its schema."""

import base64
from collections.abc import Iterator
from functools import partial

import duckdb
import pyarrow as pa

from publication.exports.controle import refuser_les_chiffres_masques
from publication.exports.format import Export, Tache
from publication.exports.tables import CONSTRUCTION, Table
from socle.panne import en_ecrivant
from socle.sql import nom_sql, texte_sql

_NIVEAU = 9
"""Of zstd: of a release of France, 4 % less than by default for two seconds more; 15 takes twice as long."""


def taches(export: Export) -> Iterator[Tache]:
    """Yield a task per table: write it from the build, read it back."""
    (export.dossier / "parquet").mkdir()
    for table in export.par_taille:
        yield partial(_ecrire, export, table)


def _ecrire(export: Export, table: Table, con: duckdb.DuckDBPyConnection) -> None:
    fichier = texte_sql(export.parquet(table))
    source = f"{CONSTRUCTION}.marts.{nom_sql(table.nom)}"
    schema = texte_sql(_decrit(con.execute(f"from {source} limit 0").to_arrow_table().schema, table))
    with en_ecrivant(export.parquet(table)):
        con.execute(
            f"copy (from {source} order by all) to {fichier} (format parquet, compression zstd,"
            f" compression_level {_NIVEAU}, row_group_size 122880, kv_metadata {{'ARROW:schema': {schema}}})"
        )
    refuser_les_chiffres_masques(con, table, f"read_parquet({fichier})", en_texte=False)
    export.empreintes.de(f"parquet/{table.nom}.parquet")


def _decrit(schema: pa.Schema, table: Table) -> str:
    """Return the schema with its descriptions, as Arrow writes it into a Parquet file."""
    champs = [
        champ.with_metadata({"description": colonne.description}) if colonne.description else champ
        for champ, colonne in zip(schema, table.colonnes, strict=True)
    ]
    dits = {"description": table.description or "", "primary_key": ",".join(table.cle)}
    complet = pa.schema(champs, metadata={cle: dit for cle, dit in dits.items() if dit})
    return base64.b64encode(complet.serialize().to_pybytes()).decode()
