"""Arrow tables, row by row and back.

Belongs here: what every part of the engine does with a table, whatever it holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import duckdb
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


def ouvrir() -> duckdb.DuckDBPyConnection:
    """A connection of its own, where tables are registered and asked for in SQL; to be closed."""
    return _en_memoire().cursor()


@cache
def _en_memoire() -> duckdb.DuckDBPyConnection:
    """A database whose cursors share nothing: to open one costs more than a small group does."""
    return duckdb.connect(config={"threads": 1})


def lignes_de(table: pa.Table, *colonnes: str) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns; equal values of a column are one object, for few of a country's differ."""
    return zip(*(_valeurs(table[c]) for c in colonnes), strict=True)


def _valeurs(colonne: pa.ChunkedArray) -> Iterable[Any]:
    if pa.types.is_nested(colonne.type):
        valeurs: list[Any] = colonne.to_pylist()
        return valeurs
    codes = colonne.combine_chunks().dictionary_encode("encode")
    return map(codes.dictionary.to_pylist().__getitem__, memoryview(codes.indices.to_numpy()))
