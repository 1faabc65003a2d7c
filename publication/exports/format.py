"""What an output format is, what it writes a release from, and the running of its tasks."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import duckdb

from publication.commun.empreintes import Empreintes
from publication.exports.tables import Table

_MEMOIRE = "1200MB"
"""What DuckDB may hold before it spills; a release of France is written within 2 GB in all."""


class Tour(IntEnum):
    """When a format is written; formats of one turn do not read each other."""

    SOURCE = 1
    """From the build file; all that follows is made from it."""
    DERIVE = 2
    """From the source format."""
    DESCRIPTION = 3
    """Tells of the files before it."""
    SIGNE = 4
    """Names the release: its bytes differ from one release to the next, and no content hash holds it."""


@dataclass(frozen=True)
class Annexe:
    """An Arrow table that no model makes and no content hash holds: what a release tells of itself.

    `masquees`: columns a statut blanks, each beside its `<column>_statut`; `cle`: those that identify a row.
    """

    nom: str
    description: str
    table: Any
    masquees: frozenset[str] = frozenset()
    colonnes: Mapping[str, str] = field(default_factory=dict)
    cle: tuple[str, ...] = ()


@dataclass(frozen=True)
class Export:
    """A release being written; `release` (the row of `marts.dim_release`) and `annexes` come at the last
    turn.
    """

    dossier: Path
    tables: tuple[Table, ...]
    indicateurs: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    empreintes: Empreintes
    release: Mapping[str, Any] | None = None
    annexes: tuple[Annexe, ...] = ()

    @property
    def demonstration(self) -> bool:
        """Whether its figures are invented."""
        return any(source["demonstration"] for source in self.sources)

    @property
    def par_taille(self) -> list[Table]:
        """Its tables, the longest to write first, so that nothing waits for it at the end."""
        return sorted(self.tables, key=lambda table: -table.lignes * len(table.colonnes))

    def parquet(self, table: Table) -> Path:
        """Return the file of the source format that holds a table."""
        return self.dossier / "parquet" / f"{table.nom}.parquet"

    def csv(self, table: Table) -> Path:
        """Return the CSV of a table once it is written, compressed or not."""
        chemin = self.dossier / "csv" / f"{table.nom}.csv"
        return chemin if chemin.exists() else chemin.with_name(f"{chemin.name}.gz")


Tache = Callable[[duckdb.DuckDBPyConnection], None]
"""A piece of a format that waits for no other piece of its turn; it closes its files before it returns."""


@dataclass(frozen=True)
class Format:
    """An output format; `contenu`: the patterns of its files that are the content of a release (`parquet/*`).

    The bytes of other files follow from those: `datapackage.json` holds the hash of each CSV.
    """

    nom: str
    tour: Tour
    taches: Callable[[Export], Iterable[Tache]]
    contenu: tuple[str, ...] = ()


def executer(con: duckdb.DuckDBPyConnection, taches: Iterable[Tache]) -> None:
    """Run the tasks of one turn side by side; the first error is raised once all have ended.

    DuckDB shares a query among cores by groups of 122 880 rows: on a smaller table the other core would wait.
    """
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as ouvriers:
        for attente in [ouvriers.submit(tache, con.cursor()) for tache in taches]:
            attente.result()


@contextmanager
def connexion(dossier: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB session that spills inside the folder being written and never looks for extensions."""
    debordement = dossier / ".debordement"
    con = duckdb.connect(
        config={
            "temp_directory": str(debordement),
            "memory_limit": _MEMOIRE,
            # Tasks run beside each other: cores that one takes from another are time lost.
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(debordement, ignore_errors=True)
