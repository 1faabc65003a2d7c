"""Generated sentences: none is made yet.

Belongs here: the rules that choose and word them. Does not: where they are printed.
"""

from collections.abc import Callable

import duckdb

from publication.portraits.modele import Chiffre, Message

Chercher = Callable[[str, str, int], Chiffre | None]


def essentiel(
    con: duckdb.DuckDBPyConnection, territoire_id: str, depuis: int | None, chiffre: Chercher
) -> tuple[Message, ...]:
    """Return the sentences of the whole portrait."""
    return ()


def du_theme(
    con: duckdb.DuckDBPyConnection, territoire_id: str, depuis: int | None, chiffre: Chercher, theme: str
) -> tuple[Message, ...]:
    """Return those of one theme."""
    return ()
