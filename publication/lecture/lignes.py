"""Rows of a release as dictionaries, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def lignes(
    con: duckdb.DuckDBPyConnection,
    requete: str,
    parametres: Mapping[str, Any] | Sequence[Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of a query, one dictionary each."""
    resultat = con.execute(requete, parametres or None)
    noms = [colonne[0] for colonne in resultat.description or ()]
    return [dict(zip(noms, ligne, strict=True)) for ligne in resultat.fetchall()]
