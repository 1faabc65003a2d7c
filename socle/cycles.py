"""Python's search for cycles of objects, off while it would free nothing.

Belongs here: turning the search off and on again. Does not: when it is in vain, which its caller knows.

A commune refers to nothing that refers to it: it is freed when the last name of it goes. The search, which
reads all that lives again and again, would find nothing among millions of such objects.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sans_cycles() -> Iterator[None]:
    """Do not look for cycles of objects meanwhile, in the whole process."""
    cherchait = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if cherchait:
            gc.enable()
