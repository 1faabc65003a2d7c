"""A second process of the same Python, running a module of the project, killed with its caller."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_RACINE = Path(__file__).parents[1]


@contextmanager
def a_cote(
    module: str,
    *arguments: object,
    stdin: int | IO[bytes] | None = None,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `python -m module arguments…` beside the caller; kill it, if it still runs, at the end.

    A fork would copy the locks of the caller's threads, and `multiprocessing` would load again what the
    caller has loaded. Raises OSError when no process can be started.
    """
    # The project need not be installed.
    chemins = os.pathsep.join([str(_RACINE), *filter(None, [os.environ.get("PYTHONPATH")])])
    with subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": chemins},
    ) as processus:
        try:
            yield processus
        finally:
            processus.kill()
