"""CSV: a file per table, in the form a French spreadsheet opens by double-click.

UTF-8 with BOM, `;`, decimal comma. A number that is not shown is `s` (secret), `nd` (non disponible) or `na`
(sans objet), never an empty cell. `datapackage.json` declares all of this for programs, which had better
read the Parquet. What compares all territories with each other is not for a spreadsheet: its mart says
`meta: {csv: false}`, and has no CSV.
"""

from collections.abc import Iterator
from functools import partial

import duckdb

from publication.exports.controle import refuser_les_chiffres_masques
from publication.exports.format import Export, Tache
from publication.exports.tables import Table
from socle.affichage import MARQUES
from socle.sql import nom_sql, texte_sql

_BOM = "\ufeff"


def taches(export: Export) -> Iterator[Tache]:
    """Yield a task per table: write it from its Parquet, read it back."""
    (export.dossier / "csv").mkdir()
    for table in export.par_taille:
        if table.en_csv:
            yield partial(_ecrire, export, table)


def _ecrire(export: Export, table: Table, con: duckdb.DuckDBPyConnection) -> None:
    fichier = texte_sql(export.dossier / "csv" / f"{table.nom}.csv")
    con.execute(f"copy ({_select(export, table)}) to {fichier} (format csv, delim ';', header)")
    # Every column is named, so that DuckDB has nothing to guess from the first lines.
    colonnes = ", ".join(f"{texte_sql(colonne.nom)}: 'varchar'" for colonne in table.colonnes)
    refuser_les_chiffres_masques(
        con,
        table,
        f"read_csv({fichier}, auto_detect=false, delim=';', quote='\"', escape='\"', header=true,"
        f" columns={{{colonnes}}})",
        en_texte=True,
    )
    export.empreintes.de(f"csv/{table.nom}.csv")


def _select(export: Export, table: Table) -> str:
    """Build the query that turns a table's Parquet into what its CSV shows, in the same order.

    commune:26220   31.45   observe   gives   commune:26220;31,45;observe
    commune:01001   null    secret    gives   commune:01001;s;secret
    epci:200068229  3250.0  arrondi   gives   epci:200068229;3250;arrondi
    """
    expressions = []
    for rang, colonne in enumerate(table.colonnes):
        nom = texte = nom_sql(colonne.nom)
        if colonne.decimale:
            entier = f"{nom} = trunc({nom}) and abs({nom}) < 1e15"
            texte = (
                f"case when {entier} then {nom}::bigint::varchar else replace({nom}::varchar, '.', ',') end"
            )
        if statut := table.statut_de.get(colonne.nom):
            # A wide mart has no statut where the indicateur was not received: that is `nd` too.
            cas = " ".join(f"when '{valeur}' then '{marque}'" for valeur, marque in MARQUES.items())
            texte = f"case coalesce({nom_sql(statut)}, 'non_disponible') {cas} else {texte}::varchar end"
        # DuckDB writes no BOM: it rides on the first column's name.
        titre = nom if rang else nom_sql(f"{_BOM}{colonne.nom}")
        expressions.append(f"{texte} as {titre}")
    return f"select {', '.join(expressions)} from read_parquet({texte_sql(export.parquet(table))})"
