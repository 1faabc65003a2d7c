"""The structures that each release counts, kept in the closed zone: who is behind a sum, for the operator.

Belongs here: which of their columns are kept, and finding those of a figure. Does not: what counts a
structure (`stg_structures`), nor what may be told of one (`publication.explication`).
"""

from collections.abc import Set
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from publication.explication.modele import Structure

from .par_release import garder

_STRUCTURES = """
    with fichiers as (select distinct fichier_id, sha256 from normalised.fichiers)
    select
        s.source_id, f.fichier_id, s.ligne, s.libelle, s.code, s.cog_millesime, s.mesure_id, s.millesime,
        s.apport
    from staging.stg_structures as s
    inner join fichiers as f on s.fichier_sha256 = f.sha256
    order by all
"""


def garder_structures(base: Path, dossier: Path, release_id: str, releases: Path) -> Path:
    """Keep the structures of a build under the release it made."""
    return garder(base, _STRUCTURES, dossier, release_id, releases)


def chercher(dossier: Path, release_id: str, mesures: Set[str], millesimes: Set[int]) -> list[Structure]:
    """Return the structures that add to these mesures in these years.

    The list is empty on a machine other than the night's, for a reader who may not open the zone, and for
    indicateurs made of no mesure.
    """
    if not mesures or not millesimes:
        # pyarrow finds no type for an empty list, and refuses to compare with it.
        return []
    try:
        table = pq.read_table(dossier / f"{release_id}.parquet")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    voulues = table.filter(
        pc.field("mesure_id").isin(sorted(mesures)) & pc.field("millesime").isin(sorted(millesimes))
    )
    return [Structure(**ligne) for ligne in voulues.to_pylist()]
