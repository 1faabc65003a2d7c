"""Which tables of schema `marts` are judged; the graph of Dagster asks, before any Great Expectations."""

ETOILE = ("dim_territoire", "dim_indicateur", "fct_indicateurs")
"""The tables of the star that are judged; their suite fails when the build lacks them."""


def est_juge(table: str) -> bool:
    """Whether a table of schema `marts` has a suite."""
    return table in (*ETOILE, "noms_territoires") or table.startswith("mart_")
