"""The key that masks are drawn under, while a process decides.

Belongs here: handing it over without a trace. Does not: where it comes from (`orchestration/nuit/cles.py`),
what is drawn from it (`moteur/tirage.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from socle.erreurs import ErreurPublication

# For tests, benches and builds that nobody reads: whoever has the code has it.
CLE_PUBLIQUE = b"observatoire-ctg/cle-publique"
_confiees: list[bytes] = []


@contextmanager
def confier(cle: bytes) -> Iterator[None]:
    """Decide under this key inside. It stays in the memory of the process: no variable, no file."""
    _confiees.append(cle)
    try:
        yield
    finally:
        _confiees.pop()


def confiee() -> bytes:
    """The key to decide under. Raises ErreurPublication when nobody said which."""
    if not _confiees:
        raise ErreurPublication(
            "secret: masks are drawn under a key, and none was given to this process. A night gives that of"
            " its installation (orchestration/nuit/cles.py); a build that nobody reads asks for the one that"
            " everybody has: CTG_CLE_MASQUES=publique"
        )
    return _confiees[-1]
