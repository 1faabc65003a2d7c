"""Writing a micro Parquet inside the micro zone: rows as they stream, then sorted, then in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.extrait.schema import SCHEMA_MICRO
from socle.disque import FICHIER_CLOS, creer_dossier_clos, synchroniser
from socle.panne import en_ecrivant
from socle.sql import texte_sql

PREFIXE = ".travail-"
COMPRESSION = "zstd"
# Texts that come back on many rows.
REPETES = ["mois", "fichier_sha256", "code_commune", "situation_familiale"]
# Enough for a département at once; a country spills.
MEMOIRE = "1GB"


Ecriture = Callable[[pa.Table], None]
"""Adds rows, in any order; their schema is `SCHEMA_MICRO`."""


@contextmanager
def ecrire_micro(zone: Path, chemin: Path) -> Iterator[Ecriture]:
    """Give what adds rows to the file `chemin`, which appears, sorted, once the block ends without an error.

    Rows wait in a hidden folder of the zone that disappears whatever happens.
    """
    with en_ecrivant(zone):
        travail = Path(tempfile.mkdtemp(dir=zone, prefix=PREFIXE))
    brut, trie = travail / "brut.parquet", travail / "trie.parquet"

    def ajouter(lignes: pa.Table) -> None:
        with en_ecrivant(brut):
            parquet.write_table(lignes)

    try:
        with en_ecrivant(brut):
            # Read once and removed: what makes a file small or quick to search is not worth its time.
            parquet = pq.ParquetWriter(
                brut,
                SCHEMA_MICRO,
                compression="lz4",
                use_dictionary=REPETES,
                store_decimal_as_integer=True,
                write_statistics=False,
            )
        try:
            yield ajouter
        finally:
            with en_ecrivant(brut):
                parquet.close()
        _trier(brut, trie)
        with en_ecrivant(chemin, "a month of the extract"):
            trie.chmod(FICHIER_CLOS)
            synchroniser(trie)
            creer_dossier_clos(chemin.parent)
            trie.replace(chemin)
            synchroniser(chemin.parent)
    finally:
        shutil.rmtree(travail, ignore_errors=True)


def _trier(brut: Path, trie: Path) -> None:
    """Sort by commune and pseudonym; what does not fit in memory spills beside, in the same closed folder."""
    reglages = {"temp_directory": str(brut.with_name("tampon")), "memory_limit": MEMOIRE}
    with en_ecrivant(trie), duckdb.connect(":memory:", config={**reglages}) as con:
        con.execute(
            f"copy (select * from read_parquet({texte_sql(brut)}) order by code_commune, pseudonyme)"
            f" to {texte_sql(trie)} (format parquet, compression {COMPRESSION})"
        )
