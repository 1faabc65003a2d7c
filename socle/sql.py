"""How a value of Python is written inside SQL, where a bound parameter cannot stand.

Belongs here: the quoting of texts, paths and names (DuckDB, PostgreSQL). Does not belong here: any query.
"""

from collections.abc import Iterable
from pathlib import Path


def texte_sql(valeur: str | Path) -> str:
    """Return a text between quotes: `L'Île` gives `'L''Île'`."""
    return "'" + str(valeur).replace("'", "''") + "'"


def liste_sql(valeurs: Iterable[str]) -> str:
    """Return what follows `in`: two texts give `('s', 'nd')`."""
    return "(" + ", ".join(texte_sql(valeur) for valeur in valeurs) + ")"


def nom_sql(identifiant: str) -> str:
    """Return the name of a table, a column or a schema between quotes."""
    return '"' + identifiant.replace('"', '""') + '"'
