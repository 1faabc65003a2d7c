"""Frozen aggregates of the extract: what is left of a month once its foyers are purged.

Belongs here: keeping the commune aggregates and the medians of each December the night counted, before any
secrecy, and finding them again. Does not belong here: how they are counted (`dbt_project`, tag `micro`), nor
the purge of the foyers (`ingestion.extrait`). Readable by the account of the night alone.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.retenus import MoisRetenu
from socle.disque import (
    ajouter_evenement,
    creer_dossier_clos,
    ecriture_atomique,
    lire_evenements,
    masque_prive,
)

JOURNAL = "journal.jsonl"

# `niveau` commune: one line per commune, in the COG of the extract, and mesure, as in int_extrait_comptes.
# Wider levels: the medians, in the reference geography of the night that counted them.
SCHEMA_AGREGATS = pa.schema(
    [
        ("millesime", pa.int32()),
        ("fichier_sha256", pa.string()),
        ("cog_millesime", pa.int32()),
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("mesure_id", pa.string()),
        ("valeur", pa.decimal128(18, 2)),
        ("n", pa.int64()),
        ("max1", pa.decimal128(18, 2)),
        ("max2", pa.decimal128(18, 2)),
        ("marque", pa.string()),
    ]
)


def geler(base: Path, zone: Path, mois: Iterable[MoisRetenu]) -> list[Path]:
    """Keep in `zone` the aggregates that the build file `base` holds of these months; return the new files.

    A file is named after the extract and its own content, and written once: the same figures are kept once,
    other figures (a rule that changed, another geography) beside the former ones. The journal says which
    came last.
    """
    neufs = []
    with duckdb.connect(str(base), read_only=True) as con:
        # What was counted before the build was kept then (`comptage`).
        lus = {sha for (sha,) in con.execute("select distinct fichier_sha256 from micro.agregats").fetchall()}
        for m in mois:
            if m.annuel and not m.purge and m.sha256 not in lus:
                neufs += garder(con, zone, m)
    return neufs


def garder(
    con: duckdb.DuckDBPyConnection, zone: Path, mois: MoisRetenu, compte: Mapping[str, str] | None = None
) -> list[Path]:
    """Keep the aggregates that `con` holds of a month; return the file, if it is new.

    `compte`, of those that were counted before a night builds: by which engine, and the digest of what they
    were counted from (`moteur`, `entrees`).
    """
    with masque_prive():
        octets = _parquet(con, mois.sha256)
        nom = f"{mois.sha256[:12]}-{hashlib.sha256(octets).hexdigest()[:8]}.parquet"
        chemin = creer_dossier_clos(zone / SOURCE_EXTRAIT / mois.mois) / nom
        if neuf := not chemin.exists():
            with ecriture_atomique(chemin) as fichier:
                fichier.write(octets)
        if compte or geles(zone).get((mois.mois, mois.sha256)) != chemin:
            evenement = {
                "gele_le": datetime.now(UTC).isoformat(timespec="seconds"),
                "mois": mois.mois,
                "sha256": mois.sha256,
                "fichier": nom,
                **(compte or {}),
            }
            ajouter_evenement(zone / JOURNAL, evenement)
    return [chemin] if neuf else []


def comptes(zone: Path) -> dict[tuple[str, str], tuple[Path, str]]:
    """The aggregates last counted apart of each (month, sha256), and the digest of their inputs."""
    return {
        (e["mois"], e["sha256"]): (zone / SOURCE_EXTRAIT / e["mois"] / e["fichier"], e["entrees"])
        for e in lire_evenements(zone / JOURNAL)
        if "entrees" in e
    }


def geles(zone: Path) -> dict[tuple[str, str], Path]:
    """The aggregates last frozen of each (month, sha256 of the extract)."""
    return dict(
        lire_evenements(
            zone / JOURNAL,
            lambda e: ((e["mois"], e["sha256"]), zone / SOURCE_EXTRAIT / e["mois"] / e["fichier"]),
        )
    )


def _parquet(con: duckdb.DuckDBPyConnection, sha256: str) -> bytes:
    """What the build holds of an extract, as Parquet; the same figures give the same bytes."""
    table = con.execute(
        f"""
        select {", ".join(SCHEMA_AGREGATS.names)} from (
            select 'commune' as niveau, * from intermediate.int_extrait_comptes
            union all by name
            select * from intermediate.int_extrait_medianes
        )
        where fichier_sha256 = $sha256
        order by all
        """,
        {"sha256": sha256},
    ).to_arrow_table()
    tampon = io.BytesIO()
    pq.write_table(table.cast(SCHEMA_AGREGATS), tampon)
    return tampon.getvalue()
