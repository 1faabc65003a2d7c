"""A child of a kill drill, which may be killed at what it does.

Belongs here: running it, and telling how it ended. Does not: what kills it.
"""

import os
import sys
from collections.abc import Callable


def dans_un_enfant(faire: Callable[[], object]) -> bool:
    """Run it in a child; return whether it ended by itself."""
    if not (pid := os.fork()):
        try:
            faire()
        except BaseException as erreur:
            print(f"{type(erreur).__name__}: {erreur}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    statut = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(statut) and os.WEXITSTATUS(statut):
        raise RuntimeError("a publication failed by itself")
    return os.WIFEXITED(statut)
