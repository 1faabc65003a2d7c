"""Arrow tables, row by row and back.

Belongs here: what every part of the engine does with a table, whatever it holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa


def schema_de(types: Mapping[str, str]) -> pa.Schema:
    """A schema given by names and types."""
    return pa.schema([(nom, pa.type_for_alias(t)) for nom, t in types.items()])


def table_de(types: Mapping[str, str], rangs: Iterable[tuple[Any, ...]]) -> pa.Table:
    """A table of some rows."""
    colonnes = list(zip(*rangs, strict=True)) or [()] * len(types)
    return pa.table(
        [pa.array(c, pa.type_for_alias(t)) for c, t in zip(colonnes, types.values(), strict=True)],
        names=list(types),
    )


def valeurs_de(colonne: pa.ChunkedArray) -> list[Any]:
    """The values of a column, each once."""
    uniques: list[Any] = colonne.unique().to_pylist()
    return uniques


def lignes_de(table: pa.Table, *colonnes: str) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns."""
    return zip(*(table[c].to_pylist() for c in colonnes), strict=True)
