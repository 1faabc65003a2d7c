"""Running out of memory: recognised whatever library raises it, and worded for a person.

A process that the kernel kills for its memory says nothing.
"""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from socle.erreurs import ErreurCtg, causes

# Words by which libraries tell a lack of memory, where the class of their error does not.
_DITS = (
    "Out of Memory Error",
    "MemoryError",
    "std::bad_alloc",
    os.strerror(errno.ENOMEM),
    "cannot allocate memory",
)
_SANS_FIL = "can't start new thread"
_PAR_LEUR_TEXTE = ("_duckdb", "dbt", "dbt_common", "duckdb", "orchestration", "pyarrow", "sqlite3")


class PanneMemoire(MemoryError, ErreurCtg):
    """Memory ran out; `dit` is the library's own message."""

    def __init__(self, dit: str) -> None:
        """Keep the first line: the rest is an address in a library."""
        super().__init__(dit)
        self.dit = (dit.strip().splitlines() or ["no more"])[0].rstrip(".")

    def __str__(self) -> str:
        """Return the message, one fact per line."""
        tenue, libre = _megaoctets("self/status", "VmRSS"), _megaoctets("meminfo", "MemAvailable")
        return (
            "[memoire] memory ran out\n"
            f"  where:    this process ({os.getpid()}), which holds {tenue}\n"
            f"  observed: {self.dit}; the machine has {libre} left, and {_limite()}\n"
            "  expected: what docs/promises.md says that a night needs\n"
            "  next:     end what else takes memory (`ps aux --sort=-rss | head`), raise that limit, or give"
            " the machine more; then do the same again: what readers have is whole, and what was left"
            " half-written is swept"
        )


@contextmanager
def en_memoire() -> Iterator[None]:
    """Raise `PanneMemoire` for any failure within caused by a lack of memory."""
    try:
        yield
    except Exception as erreur:
        if panne := manque_de(erreur):
            # A person is shown the first cause of an error: nothing may stand behind this one.
            raise panne from None
        raise


def manque_de(erreur: BaseException) -> PanneMemoire | None:
    """Return the failure of memory behind an error or one of its causes; None where there is none."""
    for cause in causes(erreur):
        if isinstance(cause, PanneMemoire):
            return cause
        if isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno == errno.ENOMEM):
            return PanneMemoire(str(cause) or "Python could not allocate an object")
        # Python raises one error for a thread without memory for its stack and for too many threads.
        if isinstance(cause, RuntimeError) and str(cause) == _SANS_FIL:
            return PanneMemoire(f"{_SANS_FIL} (no memory for its stack, or `ulimit -u` of them already)")
        if type(cause).__module__.split(".")[0] in _PAR_LEUR_TEXTE:
            lignes = (ligne for ligne in str(cause).splitlines() if any(dit in ligne for dit in _DITS))
            if ligne := next(lignes, None):
                return PanneMemoire(ligne)
    return None


def _megaoctets(fichier: str, ligne: str) -> str:
    """Return a figure that the kernel gives in KiB. Memory may be too short even to read it."""
    try:
        # Bytes: a codec may be a module that nothing has loaded yet.
        octets = Path("/proc", fichier).read_bytes()
    except (OSError, MemoryError):
        return "an unknown amount"
    lus = [champs[1] for champs in map(bytes.split, octets.splitlines()) if champs[0] == f"{ligne}:".encode()]
    return f"{int(lus[0]) // 1024} MB" if lus else "an unknown amount"


def _limite() -> str:
    limites = {
        nom: resource.getrlimit(genre)[0]
        for nom, genre in (("-d", resource.RLIMIT_DATA), ("-v", resource.RLIMIT_AS))
    }
    dites = [f"`ulimit {nom}` {n >> 20} MB" for nom, n in limites.items() if n != resource.RLIM_INFINITY]
    return (
        f"the process {', '.join(dites)}"
        if dites
        else "the process no limit of its own (a unit's is `MemoryMax=`)"
    )
