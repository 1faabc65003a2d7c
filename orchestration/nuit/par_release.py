"""Rows that only the build of a release holds, kept under the release's name once the build is swept.

Belongs here: copying rows out of the build file into the closed zone, for as long as the release exists. Does
not: which rows, and what they mean (`lignes`, `structures`).
"""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from publication.releases.perimetres import contenant
from socle.disque import creer_dossier_clos, ecriture_atomique


def garder(base: Path, requete: str, dossier: Path, release_id: str, releases: Path) -> Path:
    """Keep rows of a build under the release it made; remove the rows of releases that are gone."""
    with duckdb.connect(str(base), read_only=True) as con:
        table = con.execute(requete).to_arrow_table()
    fichier = creer_dossier_clos(dossier) / f"{release_id}.parquet"
    with ecriture_atomique(fichier) as flux:
        pq.write_table(table, flux, compression="zstd")
    for ancien in dossier.glob("*.parquet"):
        if not (contenant(releases, ancien.stem) / ancien.stem).is_dir():
            ancien.unlink()
    return fichier
