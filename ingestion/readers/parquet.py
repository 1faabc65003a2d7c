"""A Parquet file: its headers, its types, and whether it is whole. Its rows are counted where they lie."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.erreurs import ErreurSource, Lieu, sans_citation

DEBUT = b"PAR1"
"""How one begins, and ends."""


def entete(chemin: Path, lieu: Lieu) -> list[str]:
    """Return the headers. Raises `ErreurSource` (`parquet_illisible`)."""
    return [champ.name for champ in schema(chemin, lieu)]


def schema(chemin: Path, lieu: Lieu) -> pa.Schema:
    """Return the headers with the type of each. Raises `ErreurSource` (`parquet_illisible`)."""
    try:
        return pq.read_schema(chemin)
    except (pa.ArrowException, OSError) as e:
        raise illisible(str(e), lieu) from e


def illisible(dit: str, lieu: Lieu) -> ErreurSource:
    """Return the error of a file that does not read, in the first words of whatever library met it."""
    return lieu.erreur(
        "parquet_illisible",
        observe=(sans_citation(dit).splitlines() or ["no row group"])[0],
        attendu="a complete Parquet file",
        que_faire="fetch the file again: it was cut on its way; if it comes back the same, tell the producer",
    )
