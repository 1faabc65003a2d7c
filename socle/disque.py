"""The one way this room writes a file: whole or not at all, and on disk before it is seen."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

logger = logging.getLogger(__name__)


@contextmanager
def ecriture_atomique(chemin: Path) -> Iterator[BinaryIO]:
    """Open a hidden file beside `chemin`, which takes its place when the block ends without an error."""
    chemin.parent.mkdir(parents=True, exist_ok=True)
    descripteur, provisoire = tempfile.mkstemp(dir=chemin.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            yield fichier
            fichier.flush()
            os.fsync(fichier.fileno())
        Path(provisoire).replace(chemin)
    except BaseException:
        Path(provisoire).unlink(missing_ok=True)
        raise


def ajouter_evenement(chemin: Path, contenu: dict[str, Any], mode: int = 0o644) -> None:
    """Append one JSON line, durably, to a journal that need not exist."""
    ligne = json.dumps(contenu, ensure_ascii=False).encode() + b"\n"
    chemin.parent.mkdir(parents=True, exist_ok=True)
    descripteur = os.open(chemin, os.O_RDWR | os.O_APPEND | os.O_CREAT, mode)
    try:
        fin = os.fstat(descripteur).st_size
        if fin and os.pread(descripteur, 1, fin - 1) != b"\n":
            # A killed night left half a line: close it, so that it does not swallow this one.
            ligne = b"\n" + ligne
        os.write(descripteur, ligne)
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def lire_evenements(chemin: Path) -> Iterator[dict[str, Any]]:
    """Read a journal, in order; a line cut by a kill is ignored and said."""
    if not chemin.exists():
        return
    for numero, ligne in enumerate(chemin.read_bytes().splitlines(), 1):
        try:
            yield json.loads(ligne)
        except ValueError:
            logger.warning("%s: line %d was cut by a kill and is ignored", chemin, numero)


def sha256_fichier(chemin: Path) -> str:
    """Return the SHA-256 of the bytes of a file."""
    with chemin.open("rb") as fichier:
        return hashlib.file_digest(fichier, "sha256").hexdigest()


def synchroniser(chemin: Path) -> None:
    """Bring a file, or the list of names of a folder, to the disk."""
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
