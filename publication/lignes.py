"""Rows of a release as dictionaries, and nothing else."""

from typing import Any

import duckdb


def lignes(
    con: duckdb.DuckDBPyConnection, requete: str, parametres: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a query, one dictionary each."""
    resultat: list[dict[str, Any]] = con.execute(requete, parametres or {}).to_arrow_table().to_pylist()
    return resultat
