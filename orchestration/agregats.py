"""Frozen aggregates of the extract: what is left of a month once its foyers are purged.

Belongs here: keeping the commune aggregates and the medians of each December the night counted, before any
secrecy, and finding them again. Does not belong here: how they are counted (`dbt_project`, tag `micro`), nor
the purge of the foyers (`ingestion.extrait`). Readable by the account of the night alone.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.atomic import ecriture_atomique

SOURCE_EXTRAIT = "caf_extrait_allocataires"
DECEMBRE = "-12"

# `niveau` commune: one line per commune, in the COG of the extract, and mesure, as in int_micro_communes.
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
COLONNES = ", ".join(SCHEMA_AGREGATS.names)


class MoisExtrait(Protocol):
    """A month of the extract in use: `mois` is YYYY-MM, `parquet` its foyers, None once they are purged."""

    @property
    def mois(self) -> str:
        """Reference month."""

    @property
    def millesime(self) -> int:
        """Its year."""

    @property
    def sha256(self) -> str:
        """Digest of the file that was dropped."""

    @property
    def parquet(self) -> Path | None:
        """The foyers."""

    @property
    def cog_millesime(self) -> int:
        """Year of the COG of its communes."""

    @property
    def couverture(self) -> str:
        """What the file covers, as in the contracts of the other sources."""


def nourrit(mois: MoisExtrait) -> bool:
    """Whether the month feeds a millésime: the December of its year."""
    return mois.mois.endswith(DECEMBRE)


def geler(base: Path, dossier: Path, mois: Iterable[MoisExtrait]) -> list[Path]:
    """Keep under `dossier` the aggregates that the build file `base` holds of these months; return new files.

    A file is named after the extract and its own content, and written once: the same figures are kept once,
    other figures (a rule that changed, another geography) beside the former ones. The journal says which
    came last.
    """
    neufs = []
    with duckdb.connect(str(base), read_only=True) as con:
        for m in mois:
            if m.parquet is None or not nourrit(m):
                continue
            octets = _parquet(con, m.sha256)
            contenu = hashlib.sha256(octets).hexdigest()[:8]
            chemin = _dossier_du_mois(dossier, m.mois) / f"{m.sha256[:12]}-{contenu}.parquet"
            if not chemin.exists():
                with ecriture_atomique(chemin) as fichier:
                    fichier.write(octets)
                neufs.append(chemin)
            if geles(dossier).get((m.mois, m.sha256)) != chemin:
                _noter(dossier, m, chemin)
    return neufs


def geles(dossier: Path) -> dict[tuple[str, str], Path]:
    """The aggregates last frozen of each (month, sha256 of the extract)."""
    return {
        (ligne["mois"], ligne["sha256"]): dossier / SOURCE_EXTRAIT / ligne["mois"] / ligne["fichier"]
        for ligne in _journal(dossier)
    }


def _parquet(con: duckdb.DuckDBPyConnection, sha256: str) -> bytes:
    table = con.execute(
        f"""
        select {COLONNES} from (
            select 'commune' as niveau, * from intermediate.int_micro_communes
            union all by name
            select * from intermediate.int_micro_medianes
        )
        where fichier_sha256 = $sha256
        order by all
        """,
        {"sha256": sha256},
    ).to_arrow_table()
    tampon = io.BytesIO()
    pq.write_table(table.cast(SCHEMA_AGREGATS), tampon)
    return tampon.getvalue()


def _dossier_du_mois(dossier: Path, mois: str) -> Path:
    for niveau in (dossier, dossier / SOURCE_EXTRAIT, dossier / SOURCE_EXTRAIT / mois):
        niveau.mkdir(mode=0o700, parents=True, exist_ok=True)
    return dossier / SOURCE_EXTRAIT / mois


def _noter(dossier: Path, mois: MoisExtrait, chemin: Path) -> None:
    ligne = {
        "gele_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "mois": mois.mois,
        "sha256": mois.sha256,
        "fichier": chemin.name,
    }
    journal = dossier / "journal.jsonl"
    journal.touch(mode=0o600)
    with journal.open("a", encoding="utf-8") as fichier:
        fichier.write(json.dumps(ligne) + "\n")


def _journal(dossier: Path) -> Iterator[dict[str, str]]:
    journal = dossier / "journal.jsonl"
    if journal.exists():
        yield from (json.loads(ligne) for ligne in journal.read_text(encoding="utf-8").splitlines())
