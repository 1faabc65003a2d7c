"""Places of territories in the files that are not public, kept in the closed zone for the operator.

Belongs here: which of their columns are kept, and where they are for who may read them. Does not: why a
release holds none (`dbt_project/models/marts/commun/lignes_source.sql`).
"""

import os
from pathlib import Path

from .par_release import garder

_LIGNES = """
    with fichiers as (select distinct fichier_id, sha256 from normalised.fichiers)
    select f.fichier_id, l.ressource, l.code, l.millesime, l.cog_millesime, l.ligne
    from staging.stg_lignes_internes as l
    inner join fichiers as f using (sha256)
    order by all
"""


def garder_lignes(base: Path, dossier: Path, release_id: str, releases: Path) -> Path:
    """Keep the lines of a build under the release it made."""
    return garder(base, _LIGNES, dossier, release_id, releases)


def chercher(dossier: Path, release_id: str) -> Path | None:
    """Where the lines of a release are; None where it has none here, or for who may not open the zone."""
    fichier = dossier / f"{release_id}.parquet"
    return fichier if os.access(fichier, os.R_OK) else None
