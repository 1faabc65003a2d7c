"""Failures of the disk: recognised whatever library raises them, and worded for a person."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from socle.erreurs import ErreurCtg, ErreurPublication, causes

_QUE_FAIRE = {
    errno.ENOSPC: "free some space there (`du -xsh {disque}/*` says what takes it), or give that disk more",
    errno.EDQUOT: "have the quota of the account raised, or remove what it no longer needs",
    errno.EROFS: "mount it for writing; a disk that failed is often left read-only: look at `dmesg` first",
    errno.EACCES: "give the account that runs this the right to write in {dossier}",
    errno.EPERM: "give the account that runs this the right to write in {dossier}",
    errno.EIO: "the disk itself failed: look at `dmesg`, and replace the disk if it says so",
}
# Words of errors without an errno: those of SQLite, and of DuckDB when a sync fails.
_DITS = {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
    "attempt to write a readonly database": errno.EROFS,
    "fsync failed": errno.EIO,
}

# Below so many free bytes, a disk counts as full.
_SANS_PLACE = 1 << 20

# Packages whose errors keep the system's text alone; `orchestration` raises those of dbt.
_PAR_LEUR_TEXTE = ("duckdb", "_duckdb", "sqlite3", "sqlalchemy", "xlsxwriter", "orchestration")


class PanneDisque(OSError, ErreurCtg):
    """A write that the disk refused. `filename` is the file, `errno` why."""

    def __init__(self, numero: int, fichier: str, quoi: str | None = None) -> None:
        """Name `fichier`; `quoi` is what was being written, in a person's words."""
        super().__init__(numero, os.strerror(numero), fichier)
        self.quoi = quoi

    def __reduce__(self) -> tuple[object, ...]:
        """Cross from one process to another: an OSError alone would give its text for its file."""
        return PanneDisque, (self.errno, self.filename, self.quoi)

    @property
    def que_faire(self) -> str:
        """Advice to whoever keeps the machine."""
        assert self.errno is not None
        return _QUE_FAIRE[self.errno].format(dossier=self._dossier, disque=self._disque)

    @property
    def _dossier(self) -> Path:
        return _present(Path(self.filename))

    @property
    def _disque(self) -> Path:
        return next(d for d in (self._dossier, *self._dossier.parents) if d.is_mount())

    def __str__(self) -> str:
        """Return the message, one fact per line."""
        assert self.errno is not None
        return (
            f"[disque] the disk refused to write {self.quoi or 'a file'}\n"
            f"  where:    {Path(self.filename)}\n"
            f"  observed: {self.strerror} ({errno.errorcode[self.errno]}); {_libre(self._disque)}\n"
            f"  expected: a disk that keeps what is written\n"
            f"  next:     {self.que_faire}; then do the same"
            " again: what readers have is whole, and what was left half-written is swept"
        )


@contextmanager
def en_ecrivant(fichier: Path, quoi: str | None = None) -> Iterator[None]:
    """Raise `PanneDisque` for a refusal of the disk within, about the file it names, else about this one.

    Nested, the inner gives the file, and the outer the thing it is part of.
    """
    try:
        yield
    except PanneDisque as dite:
        dite.quoi = dite.quoi or quoi
        raise
    except Exception as erreur:
        if panne := panne_de(erreur, fichier, quoi):
            # A person is shown the first cause of an error: nothing may stand behind this one.
            raise panne from None
        raise


def panne_de(erreur: BaseException, fichier: Path, quoi: str | None = None) -> PanneDisque | None:
    """Return the failure of the disk behind an error or one of its causes; None where there is none."""
    for cause in causes(erreur):
        # This error is already worded for a person.
        if isinstance(cause, ErreurPublication):
            return None
        if isinstance(cause, PanneDisque):
            return cause
        if numero := _numero(cause, fichier):
            nomme = Path(str(getattr(cause, "filename", None)))
            # A relative name does not tell its folder.
            return PanneDisque(numero, str(nomme if nomme.is_absolute() else fichier), quoi)
    return None


def constat_de(message: str) -> str:
    """Return what a message of this module or of `memoire` observed, without what is left; else ""."""
    dit = re.match(r"\[(?:disque|memoire)\] .*\n.*\n +observed: ([^;\n]*)", message)
    return dit[1] if dit else ""


def _present(fichier: Path) -> Path:
    """The folder that a file is in, or would be."""
    return next(d for d in (fichier.absolute(), *fichier.absolute().parents) if _est_un_dossier(d))


def _est_un_dossier(chemin: Path) -> bool:
    """Whether a folder is there, where this account may look."""
    try:
        return chemin.is_dir()
    except PermissionError:
        return False


def _numero(erreur: BaseException, fichier: Path) -> int | None:
    if isinstance(erreur, OSError) and erreur.errno:
        return erreur.errno if erreur.errno in _QUE_FAIRE else None
    if not (isinstance(erreur, OSError) or type(erreur).__module__.split(".")[0] in _PAR_LEUR_TEXTE):
        return None
    texte = str(erreur)
    if "unable to open database file" in texte:
        return errno.EROFS if os.statvfs(_present(fichier)).f_flag & os.ST_RDONLY else errno.EACCES
    dits = {os.strerror(numero): numero for numero in _QUE_FAIRE} | _DITS
    numero = next((numero for dit, numero in dits.items() if dit in texte), None)
    # SQLite gives the same error for a full disk. A disk that is broken and full needs room first.
    if numero == errno.EIO and shutil.disk_usage(_present(fichier)).free < _SANS_PLACE:
        return errno.ENOSPC
    return numero


def _libre(disque: Path) -> str:
    try:
        place, noeuds = shutil.disk_usage(disque), os.statvfs(disque)
    except OSError as erreur:
        return f"how much is free is not known ({erreur.strerror})"
    dit = f"{place.free / 1e6:,.0f} MB free of {place.total / 1e6:,.0f} on {disque}".replace(",", " ")
    if noeuds.f_files and not noeuds.f_favail:
        dit += ", and no place for one more file (inodes)"
    return dit
