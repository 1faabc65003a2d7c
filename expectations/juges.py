"""Which tables of schema `marts` are judged: those of the star, and every `mart_…`.

Belongs here: that rule, which the suites and the gate of the night follow. Does not: what a suite promises
(`suites/`), nor anything that imports Great Expectations: the graph of Dagster asks before a night runs.
"""

ETOILE = ("dim_territoire", "dim_indicateur", "fct_indicateurs")
"""The tables of the star that are judged; their suite fails when the build lacks them."""


def est_juge(table: str) -> bool:
    """Whether a table of schema `marts` has a suite."""
    return table in ETOILE or table.startswith("mart_")
