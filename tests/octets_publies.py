"""Every byte that a release gives its readers, opened as they open it: where a text is, if it is anywhere."""

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def ou_se_lit(release: Path, *motifs: str) -> list[str]:
    """Return the files, members and tables of a release where one of these patterns is, whatever its case."""
    cherche = re.compile("|".join(motifs).encode(), re.IGNORECASE)
    return [
        lieu
        for fichier in sorted(f for f in release.rglob("*") if f.is_file())
        for lieu, octets in _ouvrir(str(fichier.relative_to(release)), fichier.read_bytes(), fichier)
        if cherche.search(lieu.encode()) or cherche.search(octets)
    ]


def _ouvrir(lieu: str, octets: bytes, fichier: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield some bytes as they are, then whatever is inside of them."""
    yield lieu, octets
    if octets.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for membre in archive.namelist():
                yield from _ouvrir(f"{lieu}!{membre}", archive.read(membre))
    elif octets.startswith(b"\x1f\x8b"):
        yield from _ouvrir(f"{lieu}!", gzip.decompress(octets))
    elif octets.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(octets))
        yield f"{lieu}!rows", repr((table.schema.to_string(), table.to_pylist())).encode()
    elif lieu.endswith(".duckdb") and fichier:
        with duckdb.connect(str(fichier), read_only=True) as con:
            tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table_ in tables:
                rangs = con.execute(f'from "{schema}"."{table_}"')
                yield f"{lieu}!{table_}", repr((rangs.description, rangs.fetchall())).encode()
