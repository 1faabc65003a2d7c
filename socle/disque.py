"""Bytes to disk: whole or not at all, one writer at a time, closed to others unless asked; locks."""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from socle.panne import en_ecrivant

# Modes of what this account alone reads, then of what anybody may read.
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


def marque(chemin: Path, *, suivre: bool = True) -> tuple[int, ...]:
    """Return a mark that changes once the file is written, or another takes its name; () where no file is. A
    link has a mark of its own, unless `suivre`.
    """
    try:
        etat = chemin.stat(follow_symlinks=suivre)
    except FileNotFoundError:
        return ()
    return etat.st_dev, etat.st_ino, etat.st_size, etat.st_mtime_ns


def synchroniser(chemin: Path) -> None:
    """Bring a file, or the names that a folder holds, to the disk before anything else is done."""
    with en_ecrivant(chemin):
        descripteur = os.open(chemin, os.O_RDONLY)
        try:
            os.fsync(descripteur)
        finally:
            os.close(descripteur)


def synchroniser_tous(chemins: Iterable[Path]) -> None:
    """Bring many files to the disk at once, in the time of a few."""
    uniques = list(dict.fromkeys(chemins))
    if len(uniques) < 2:
        for chemin in uniques:
            synchroniser(chemin)
        return
    with ThreadPoolExecutor(min(len(uniques), 16)) as fils:
        list(fils.map(synchroniser, uniques))


def creer_dossier(dossier: Path, mode: int = 0o777) -> None:
    """Make a folder and its missing parents, each name on the disk before the next."""
    with en_ecrivant(dossier, "a folder"):
        for nouveau in reversed([d for d in (dossier, *dossier.parents) if not d.exists()]):
            nouveau.mkdir(mode, exist_ok=True)
            synchroniser(nouveau.parent)


def creer_dossier_clos(dossier: Path) -> Path:
    """Make a folder, and its missing parents, that only their owner can reach; return it."""
    creer_dossier(dossier, DOSSIER_CLOS)
    return dossier


def dossiers_de(chemins: Iterable[Path], racine: Path) -> set[Path]:
    """Return the folders that lead from `racine`, included, to these files and folders."""
    return {d for chemin in chemins for d in chemin.parents if d.is_relative_to(racine)}


@contextmanager
def ecriture_atomique(
    chemin: Path, mode: int = FICHIER_CLOS, *, synchrone: bool = True
) -> Iterator[BinaryIO]:
    """Open a hidden file beside `chemin`, which takes its place when the block ends without an error.

    The file, then its name, are on the disk when this returns; with `synchrone` False, the caller syncs both
    before relying on them. `mode` is that of the file, less the umask.
    """
    provisoire = chemin.with_name(f".{chemin.name}.{secrets.token_hex(4)}.tmp")
    with en_ecrivant(chemin):
        if synchrone:
            creer_dossier(chemin.parent)
        else:
            chemin.parent.mkdir(parents=True, exist_ok=True)
        descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(descripteur, "wb") as fichier:
                yield fichier
                fichier.flush()
                if synchrone:
                    os.fsync(fichier.fileno())
            provisoire.replace(chemin)
            if synchrone:
                synchroniser(chemin.parent)
        except BaseException:
            # A file that cannot be removed either is swept later: the first error is the one to tell.
            with suppress(OSError):
                provisoire.unlink(missing_ok=True)
            raise


def ecrire_texte(chemin: Path, texte: str) -> None:
    """Write a text read only once its release is sealed: neither atomic nor synced."""
    with en_ecrivant(chemin):
        chemin.write_text(texte, encoding="utf-8", newline="")


def ecrire_json(chemin: Path, contenu: Any) -> None:
    """Write a JSON value that people may open: indented, accents as they are, atomically."""
    with ecriture_atomique(chemin, FICHIER_CLOS) as fichier:
        fichier.write(json.dumps(contenu, ensure_ascii=False, indent=2).encode() + b"\n")


@contextmanager
def verrou(chemin: Path, message: str, erreur: type[Exception]) -> Iterator[None]:
    """Hold the lock file `chemin`, released by the end of the process, whatever ends it.

    Raises `erreur(message)` at once when another process holds it.
    """
    with en_ecrivant(chemin):
        chemin.parent.mkdir(parents=True, exist_ok=True)
        fichier = chemin.open("w")
    with fichier:
        try:
            fcntl.flock(fichier, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise erreur(message) from None
        yield


def est_tenu(chemin: Path) -> bool:
    """Whether a process holds the lock file `chemin`, which is left unchanged."""
    try:
        with chemin.open("rb") as fichier:
            fcntl.flock(fichier, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
