"""Quoting of texts, paths and names in SQL (DuckDB, PostgreSQL), where a bound parameter cannot stand."""

from collections.abc import Iterable
from pathlib import Path


def texte_sql(valeur: str | Path) -> str:
    """Return a text between quotes: `L'Île` gives `'L''Île'`."""
    return "'" + str(valeur).replace("'", "''") + "'"


def liste_sql(valeurs: Iterable[str]) -> str:
    """Return the list after `in`: two texts give `('s', 'nd')`."""
    return "(" + ", ".join(texte_sql(valeur) for valeur in valeurs) + ")"


def nom_sql(identifiant: str) -> str:
    """Return the name of a table, a column or a schema between quotes."""
    return '"' + identifiant.replace('"', '""') + '"'
