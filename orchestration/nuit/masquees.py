"""The columns that masks blank, by table of schema `marts`, as their names and statuts tell it.

Belongs here: that reading of a build file, until the contracts of marts declare it (`meta: {masquee: …}`).
Does not: what is done with them, which is for expectations, exports and scans.
"""

from pathlib import Path

import duckdb

_LONGUES = ("valeur", "valeur_texte", "numerateur", "denominateur", "borne_basse", "borne_haute")
_PREFIXES = ("evolution", "effet_")


def colonnes_masquees(base: Path) -> dict[str, frozenset[str]]:
    """Return the columns of each mart that have a statut, of their own or of their row."""
    with duckdb.connect(str(base), read_only=True) as con:
        lues = con.execute(
            "select table_name, list(column_name), list(data_type) from duckdb_columns()"
            " where schema_name = 'marts' and database_name = current_database()"
            " group by all order by all"
        ).fetchall()
    masquees = {}
    for table, noms, types in lues:
        type_de = dict(zip(noms, types, strict=True))
        masquees[table] = frozenset(
            nom
            for nom, type_ in type_de.items()
            if f"{nom}_statut" in type_de
            or (
                "statut" in type_de and (nom in _LONGUES or (type_ == "DOUBLE" and nom.startswith(_PREFIXES)))
            )
        )
    return {table: colonnes for table, colonnes in masquees.items() if colonnes}
