"""How bytes come to the disk: whole or not at all, one writer at a time, closed to others unless said.

Belongs here: atomic writes, modes, fsync, journals of JSON lines, locks, SHA-256. Does not belong here: which
file holds what, nor any path of a CTG_HOME.
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

logger = logging.getLogger(__name__)

# What is ours alone, and what anybody may read.
DOSSIER_CLOS, FICHIER_CLOS = 0o700, 0o600
DOSSIER_OUVERT, FICHIER_OUVERT = 0o755, 0o444
AUTRES = 0o077


@contextmanager
def masque_prive() -> Iterator[None]:
    """Create every file for its owner alone from the first byte, whatever library writes it."""
    ancien = os.umask(AUTRES)
    try:
        yield
    finally:
        os.umask(ancien)


def sha256_fichier(chemin: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with chemin.open("rb") as fichier:
        return hashlib.file_digest(fichier, "sha256").hexdigest()


def synchroniser(chemin: Path) -> None:
    """Bring a file, or the names that a folder holds, to the disk before anything else is done."""
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def synchroniser_tous(chemins: Iterable[Path]) -> None:
    """Bring many files to the disk at once: it groups their waits, and takes the time of a few."""
    uniques = list(dict.fromkeys(chemins))
    if len(uniques) < 2:
        for chemin in uniques:
            synchroniser(chemin)
        return
    with ThreadPoolExecutor(min(len(uniques), 16)) as fils:
        list(fils.map(synchroniser, uniques))


@contextmanager
def ecriture_atomique(
    chemin: Path, mode: int = FICHIER_CLOS, *, synchrone: bool = True
) -> Iterator[BinaryIO]:
    """Open a hidden file beside `chemin`, which takes its place when the block ends without an error.

    On disk before it is seen; with `synchrone` False, whoever calls syncs it before relying on it. `mode` is
    that of the file, less what the umask takes away.
    """
    chemin.parent.mkdir(parents=True, exist_ok=True)
    provisoire = chemin.with_name(f".{chemin.name}.{secrets.token_hex(4)}.tmp")
    descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            yield fichier
            fichier.flush()
            if synchrone:
                os.fsync(fichier.fileno())
        provisoire.replace(chemin)
    except BaseException:
        provisoire.unlink(missing_ok=True)
        raise


def ecrire_json(chemin: Path, contenu: Any, mode: int = FICHIER_CLOS) -> None:
    """Write a JSON value that people may open: indented, accents as they are, atomically."""
    with ecriture_atomique(chemin, mode) as fichier:
        fichier.write(json.dumps(contenu, ensure_ascii=False, indent=2).encode() + b"\n")


@contextmanager
def verrou(chemin: Path, message: str, erreur: type[Exception]) -> Iterator[None]:
    """Hold the lock file `chemin`, released by the end of the process, whatever ends it.

    Raises `erreur(message)` at once when another process holds it.
    """
    chemin.parent.mkdir(parents=True, exist_ok=True)
    with chemin.open("w") as fichier:
        try:
            fcntl.flock(fichier, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise erreur(message) from None
        yield


def est_tenu(chemin: Path) -> bool:
    """Whether a process holds the lock file `chemin`, which is left as it is."""
    try:
        with chemin.open("rb") as fichier:
            fcntl.flock(fichier, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def ajouter_evenement(chemin: Path, contenu: dict[str, Any], mode: int = FICHIER_CLOS) -> None:
    """Append one JSON line, durably, to a journal that need not exist."""
    ajouter_evenements(chemin, [contenu], mode)


def ajouter_evenements(chemin: Path, contenus: Iterable[dict[str, Any]], mode: int = FICHIER_CLOS) -> None:
    """Append JSON lines in one write, durably, to a journal that need not exist."""
    ligne = b"".join(json.dumps(contenu, ensure_ascii=False).encode() + b"\n" for contenu in contenus)
    if not ligne:
        return
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
