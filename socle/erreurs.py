"""The tree of errors: one root for whatever a person can act on, and the way from an error to its causes.

An error that stays inside a room, which translates it before anybody sees it, is not in the tree.
"""

from collections.abc import Iterator


class ErreurCtg(Exception):
    """A failure that a person can act on: its message says what was found, where, and what to do next."""

    @classmethod
    def noms(cls) -> set[str]:
        """Names of this class and of all its subclasses: Dagster keeps no more of an error."""
        return {cls.__name__}.union(*(fille.noms() for fille in cls.__subclasses__()))


class ErreurPublication(ErreurCtg):
    """A release cannot be made, found or moved; nothing readers open has changed."""


def causes(erreur: BaseException) -> Iterator[BaseException]:
    """Yield an error, then its causes, as a traceback would show them."""
    cause: BaseException | None = erreur
    while cause:
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
