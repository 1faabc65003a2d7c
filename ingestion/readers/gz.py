"""A file that may be a gzip: how one begins, and the bytes it holds."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

# How a gzip begins.
GZIP = b"\x1f\x8b"


class GzipTronque(Exception):
    """The gzip does not inflate to its end; the message says what was met."""


def octets(chemin: Path, plafond: int) -> bytes:
    """Return the bytes of a file, inflated where it is a gzip: one more than `plafond` at most.

    Raises `GzipTronque`, and OSError where a file that is no gzip cannot be read.
    """
    with chemin.open("rb") as f:
        if f.read(2) != GZIP:
            f.seek(0)
            return f.read(plafond + 1)
    try:
        with gzip.open(chemin) as g:
            return g.read(plafond + 1)
    except (EOFError, OSError, zlib.error) as e:
        raise GzipTronque(str(e)) from e
