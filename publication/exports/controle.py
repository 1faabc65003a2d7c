"""Reading an exported file back: under a masking statut, it must hold no number."""

import duckdb

from publication.exports.tables import Table
from socle.affichage import MARQUES, STATUTS_MARQUES
from socle.erreurs import ErreurPublication
from socle.sql import liste_sql, nom_sql

_MARQUES = liste_sql(["", *MARQUES.values()])


def refuser_les_chiffres_masques(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, *, en_texte: bool
) -> None:
    """Raise ErreurPublication when a masked row shows something.

    `relation` is what to read (`read_parquet('…')`); `en_texte`: all its cells are texts. A missing statut
    masks too.

        commune:01001, valeur 3,               statut secret   refused
        commune:01001, valeur null,            statut secret   accepted
        commune:01001, valeur_affichee s,      statut secret   accepted: a text may hold the mark
    """
    if not table.statut_de:
        return
    textes = {c.nom for c in table.colonnes if c.type == "VARCHAR"}
    fuites = [
        f"count(*) filter (coalesce({nom_sql(statut)}, 'non_disponible') in {STATUTS_MARQUES} and "
        + (
            f"coalesce({nom_sql(valeur)}, '') not in {_MARQUES})"
            if valeur in textes
            else f"coalesce({nom_sql(valeur)}, '') <> '')"
            if en_texte
            else f"{nom_sql(valeur)} is not null)"
        )
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
