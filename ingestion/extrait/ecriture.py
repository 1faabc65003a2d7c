"""Writing a micro Parquet inside the micro zone: rows as they stream, then sorted, then in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
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


class Ecriture:
    """A micro Parquet being written. Nothing is at `chemin` before `terminer`."""

    def __init__(self, travail: Path, chemin: Path) -> None:
        """Work in the folder `travail`; `ecrire_micro` gives one."""
        self._brut, self._trie, self._tampon = (
            travail / nom for nom in ("brut.parquet", "trie.parquet", "tampon")
        )
        self._chemin = chemin
        with en_ecrivant(self._brut):
            # Read once and removed: what makes a file small or quick to search is not worth its time.
            self._parquet = pq.ParquetWriter(
                self._brut,
                SCHEMA_MICRO,
                compression="lz4",
                use_dictionary=REPETES,
                store_decimal_as_integer=True,
                write_statistics=False,
            )

    def ajouter(self, lignes: pa.Table) -> None:
        """Add rows, in any order; their schema is `SCHEMA_MICRO`."""
        with en_ecrivant(self._brut):
            self._parquet.write_table(lignes)

    def terminer(self) -> None:
        """Sort by commune and pseudonym, and put the file in its place, on disk before it is seen."""
        with en_ecrivant(self._brut):
            self._parquet.close()
        # What does not fit in memory spills beside the rows, in the same closed folder.
        reglages: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": str(self._tampon),
            "memory_limit": MEMOIRE,
        }
        with en_ecrivant(self._trie), duckdb.connect(":memory:", config=reglages) as con:
            con.execute(
                f"copy (select * from read_parquet({texte_sql(self._brut)})"
                f" order by code_commune, pseudonyme)"
                f" to {texte_sql(self._trie)} (format parquet, compression {COMPRESSION})"
            )
        with en_ecrivant(self._chemin, "a month of the extract"):
            self._trie.chmod(FICHIER_CLOS)
            synchroniser(self._trie)
            creer_dossier_clos(self._chemin.parent)
            self._trie.replace(self._chemin)
            synchroniser(self._chemin.parent)

    def abandonner(self) -> None:
        """Close what is open; the folder goes with its rows."""
        self._parquet.close()


@contextmanager
def ecrire_micro(zone: Path, chemin: Path) -> Iterator[Ecriture]:
    """Give the file `chemin` to write, in a hidden folder of the zone that disappears whatever happens."""
    with en_ecrivant(zone):
        travail = Path(tempfile.mkdtemp(dir=zone, prefix=PREFIXE))
    try:
        ecriture = Ecriture(travail, chemin)
        try:
            yield ecriture
        finally:
            ecriture.abandonner()
    finally:
        shutil.rmtree(travail, ignore_errors=True)
