"""What is told when memory runs out: once, whoever raised it."""

import errno
import os
import resource

import duckdb
import pyarrow as pa
import pytest

from orchestration.nuit.execution_dbt import EchecDbt
from socle.memoire import PanneMemoire, en_memoire, manque_de


def test_it_says_how_much_is_held_and_left_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda genre: (900 << 20, -1))
    titre, ou, observe, _, suite = str(PanneMemoire("malloc of size 8 failed.\n  at 0x7f")).splitlines()
    assert titre == "[memoire] memory ran out"
    assert f"this process ({os.getpid()}), which holds " in ou and ou.endswith(" MB")
    assert observe.startswith("  observed: malloc of size 8 failed; the machine has ")
    assert observe.endswith(" MB left, and the process `ulimit -d` 900 MB, `ulimit -v` 900 MB")
    assert "do the same again" in suite


def test_it_is_told_where_too_little_is_left_to_read_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a file as text imports a codec, which took the last of 50 MB: a traceback was what was said."""

    def plus_rien(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("io.open", plus_rien)
    dit = str(PanneMemoire("malloc of size 8 failed"))
    assert dit.startswith("[memoire] memory ran out") and "which holds an unknown amount" in dit


@pytest.mark.parametrize(
    "erreur",
    [
        MemoryError(),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
        pa.ArrowMemoryError("malloc of size 8 failed"),
        duckdb.OutOfMemoryException("Out of Memory Error: Allocation failure"),
        EchecDbt("Runtime Error in model int_parts\n  Out of Memory Error: failed to allocate data"),
        EchecDbt('Encountered an error:\n  File "task/test.py", line 18, in <module>\nMemoryError'),
    ],
)
def test_whatever_library_raises_it(erreur: Exception) -> None:
    assert manque_de(erreur)
    autre = RuntimeError("in the middle of something")
    autre.__cause__ = erreur
    with pytest.raises(PanneMemoire) as levee, en_memoire():
        raise autre
    assert levee.value.__cause__ is None


@pytest.mark.parametrize("erreur", [ValueError("Out of Memory Error"), OSError(errno.EIO, "x")])
def test_other_errors_go_through_as_they_are(erreur: Exception) -> None:
    with pytest.raises(type(erreur)) as levee, en_memoire():
        raise erreur
    assert levee.value is erreur
