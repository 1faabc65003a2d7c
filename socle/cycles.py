"""Python's search for reference cycles, switched off among millions of objects that form none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sans_cycles() -> Iterator[None]:
    """Do not look for reference cycles meanwhile, in the whole process."""
    cherchait = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if cherchait:
            gc.enable()
