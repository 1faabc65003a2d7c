"""The one error of this room, and the way from any error to what it came from.

Every message says what was found, where, and what the reader should do next.
"""

from collections.abc import Iterator


class ErreurPublication(Exception):
    """A release cannot be made, found or moved; nothing readers open has changed."""


def causes(erreur: BaseException) -> Iterator[BaseException]:
    """Yield an error, then what it came from, as a traceback would show them."""
    cause: BaseException | None = erreur
    while cause:
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
