"""Reading an exported file back: under a masking statut, it must hold no number.

Belongs here: that one check, whatever the format. Does not: what else no file may hold, which is the scan of
`confidentialite.preuve`.
"""

import duckdb

from publication.exports.tables import MARQUES, Table
from socle.erreurs import ErreurPublication
from socle.sql import nom_sql

_STATUTS = ", ".join(f"'{statut}'" for statut in MARQUES)


def refuser_les_chiffres_masques(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, montre: str
) -> None:
    """Raise ErreurPublication when a masked row shows something.

    `relation` is what to read (`read_parquet('…')`); `montre` is the condition, `{}` being the column, that
    says a cell shows something. A missing statut masks too.

        commune:01001, valeur 3,    statut secret   refused
        commune:01001, valeur null, statut secret   accepted in Parquet
        commune:01001, valeur s,    statut secret   accepted in a CSV
    """
    if not table.statut_de:
        return
    fuites = [
        f"count(*) filter (coalesce({nom_sql(statut)}, 'non_disponible') in ({_STATUTS})"
        f" and {montre.format(nom_sql(valeur))})"
        for valeur, statut in table.statut_de.items()
    ]
    comptes = con.execute(f"select {', '.join(fuites)} from {relation}").fetchone() or ()
    for valeur, nombre in zip(table.statut_de, comptes, strict=True):
        if nombre:
            raise ErreurPublication(
                f"marts.{table.nom}, column {valeur}: {nombre} rows show a value under a statut that"
                f" forbids it ({', '.join(MARQUES)}, or none); expected 0. Nothing was published:"
                f" correct the dbt model of {table.nom}, then run the night again."
            )
