"""A second process that reads files one after the other: what a file does to it, it does to no other file.

Belongs here: starting, watching and replacing that process. Does not: what is read, nor what a journal keeps.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pickle
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

from ingestion.contrats.exigences import Limites
from ingestion.erreurs import ErreurSource, sans_citation
from socle.disque import AUTRES
from socle.memoire import manque_de
from socle.processus import a_cote

T = TypeVar("T")

# Seconds between two looks at the memory of the process.
PAS = 0.05
# A process that holds more than this part of a file's memory limit is replaced before the next file.
PART_GARDEE = 0.5
PR_SET_PDEATHSIG = 1


class LectureTuee(Exception):
    """A file ended the process that read it, or went beyond its limits; the message says how."""


class LectureInterrompue(Exception):
    """A file met an error that nobody foresaw; the message names it."""


class Lecteur:
    """The process, made when first asked for, and again once it is no more."""

    _processus: subprocess.Popen[bytes] | None = None
    _pid = 0

    def __init__(self) -> None:
        """Start nothing yet."""
        self._pile = ExitStack()

    def lire(self, faire: Callable[..., T], *quoi: object, limites: Limites) -> T:
        """Return `faire(*quoi)`, run there: a function that can be imported, and values that can be pickled.

        Raises `LectureTuee`, the `ErreurSource` or `OSError` that it raises, and `LectureInterrompue` for any
        other error. A file that ends a process which had read others is read once more, in a fresh one: it is
        refused for what it does alone.
        """
        neuf = not self.vivant
        try:
            return self._demander(faire, quoi, limites)
        except LectureTuee as e:
            self.fermer()
            if neuf or isinstance(e, _TropLongue):
                raise
        return self.lire(faire, *quoi, limites=limites)

    @property
    def vivant(self) -> bool:
        """Whether the process runs and is ours: a fork inherits the process of its parent."""
        return self._processus is not None and self._pid == os.getpid()

    def fermer(self) -> None:
        """End the process, and what it keeps from one file to the next."""
        # The process may have died in the middle of a demand.
        with suppress(BrokenPipeError):
            self._pile.close()
        self._processus = None

    def _demander(self, faire: Callable[..., T], quoi: tuple[object, ...], limites: Limites) -> T:
        if not self.vivant:
            self._pile, self._pid, tube = ExitStack(), os.getpid(), subprocess.PIPE
            self._processus = self._pile.enter_context(a_cote("ingestion.lecteur", stdin=tube, stdout=tube))
        processus = self._processus
        assert processus and processus.stdin and processus.stdout
        try:
            pickle.dump((faire, quoi), processus.stdin)
            processus.stdin.flush()
            self._veiller(processus, limites)
            valeur, erreur = pickle.load(processus.stdout)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError) as e:
            raise LectureTuee(_fin(processus.wait())) from e
        except BaseException:
            # A late answer would be taken for that of the next file.
            self.fermer()
            raise
        if _tenue(processus.pid) > PART_GARDEE * limites.memoire:
            self.fermer()
        if erreur:
            raise erreur
        lu: T = valeur
        return lu

    def _veiller(self, processus: subprocess.Popen[bytes], limites: Limites) -> None:
        """Wait for an answer, or for a limit."""
        fin = time.monotonic() + limites.secondes
        while not select.select([processus.stdout], [], [], PAS)[0]:
            if (tenue := _tenue(processus.pid)) > limites.memoire:
                raise LectureTuee(f"{tenue / 1e9:.1f} GB of memory")
            if time.monotonic() > fin:
                raise _TropLongue(f"{limites.secondes:g} s")


class _TropLongue(LectureTuee):
    """A reading that would take as long in a fresh process."""


def _tenue(pid: int) -> int:
    """Bytes of memory that a process holds; 0 once it is no more."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _fin(code: int) -> str:
    if code >= 0:
        return f"the end of the process that read it (exit {code})"
    dit = f"signal {-code} ({signal.Signals(-code).name})"
    return f"{dit}, which the system sends when memory runs out" if -code == signal.SIGKILL else dit


def _servir() -> None:
    """Read what is asked for on the standard input, until it ends."""
    os.umask(AUTRES)
    # The caller alone ends this process, and takes it along when killed.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # When memory runs out, the kernel kills this process first: the night can lose it.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    # Answers leave by a copy of the standard output, for libraries print on it.
    entree, sortie = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            faire, quoi = pickle.load(entree)
        except EOFError:
            return
        sortie.write(_repondre(faire, quoi))
        sortie.flush()


def _repondre(faire: Callable[..., object], quoi: tuple[object, ...]) -> bytes:
    try:
        return pickle.dumps((faire(*quoi), None))
    except Exception as e:
        return pickle.dumps((None, _dire(e)))


def _dire(erreur: Exception) -> Exception:
    if manque_de(erreur):
        return LectureTuee(f"no memory left, with {_tenue(os.getpid()) / 1e9:.1f} GB held")
    if isinstance(erreur, ErreurSource | OSError):
        return erreur
    traceback.print_exception(erreur)
    return LectureInterrompue(f"{type(erreur).__name__}: {sans_citation(str(erreur))}")


LECTEUR = Lecteur()
"""The reader of this process."""
atexit.register(LECTEUR.fermer)

if __name__ == "__main__":
    # Pickled classes are found by the name of their module, which is `__main__` here.
    from ingestion import lecteur

    lecteur._servir()
