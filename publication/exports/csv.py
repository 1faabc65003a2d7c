"""CSV in the form a French spreadsheet opens by double-click: BOM, `;`, decimal comma, VRAI and FAUX.

Numbers are rounded as they are printed, or finely (`_HORS_UNITE`); where none is shown there is nothing, and
its statut beside it. A file beyond `COMPRESSION` is compressed. `datapackage.json` says so to programs.
"""

import gzip
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from publication.commun.tableur import FORMULE, NOMBRE_ECRIT
from publication.exports.controle import refuser_les_chiffres_masques
from publication.exports.format import Export, Tache
from publication.exports.tables import ColonneDeMart, Table
from socle.affichage import PRECISION
from socle.panne import en_ecrivant
from socle.sql import liste_sql, nom_sql, texte_sql

COMPRESSION = 5_000_000
"""Bytes beyond which a CSV becomes a `.csv.gz`: a spreadsheet would not open it by double-click anyway."""

VRAI, FAUX = "VRAI", "FAUX"
"""What French spreadsheets read as booleans, and write."""

_BOM = "\ufeff"
_PRECISION = 2
"""Decimals of a number that no indicateur of the row gives: a cost, a rate of a schéma."""
_FINE = 4
_HORS_UNITE = {
    *("numerateur", "denominateur", "denominateur_haut", "ecart_type_arrondi"),
    *("tau", "valeur_p", "distance", "ecart", "part"),
    *(f"evolution_relative{bout}" for bout in ("", "_basse", "_haute")),
    *(f"evolution_{depuis}_relative" for depuis in ("precedent", "base_ctg")),
}
"""Columns of the row of an indicateur that are not in its unit, nor on its decimals, but on `_FINE`: beside a
count, a p-value of 0.0275 would be 0."""


def taches(export: Export) -> Iterator[Tache]:
    """Yield a task per table: write it from its Parquet, read it back, compress it if it is large."""
    (export.dossier / "csv").mkdir()
    for table in export.par_taille:
        if table.en_csv:
            yield partial(_ecrire, export, table)


def _ecrire(export: Export, table: Table, con: duckdb.DuckDBPyConnection) -> None:
    chemin = export.dossier / "csv" / f"{table.nom}.csv"
    fichier = texte_sql(chemin)
    with en_ecrivant(chemin):
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
    if chemin.stat().st_size > COMPRESSION:
        _compresser(chemin)
    export.empreintes.de(export.csv(table).relative_to(export.dossier).as_posix())


def _compresser(chemin: Path) -> None:
    """Replace a file by its `.gz`, of the same bytes each time: neither name nor time are in it."""
    with (
        en_ecrivant(chemin),
        chemin.open("rb") as lu,
        chemin.with_name(f"{chemin.name}.gz").open("wb") as ecrit,
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=ecrit, mtime=0) as compresse,
    ):
        shutil.copyfileobj(lu, compresse, 1 << 20)
    chemin.unlink()


def _select(export: Export, table: Table) -> str:
    """Build the query that turns a table's Parquet into what its CSV shows, in the same order.

    commune:26220   31.4444444444444   observe   gives   commune:26220;31,4;observe
    commune:01001   null               secret    gives   commune:01001;;secret
    epci:200068229  3250.0             arrondi   gives   epci:200068229;3250;arrondi
    """
    decimales = {i["indicateur_id"]: i["decimales"] for i in export.indicateurs}
    expressions = []
    for rang, colonne in enumerate(table.colonnes):
        nom = texte = nom_sql(colonne.nom)
        if colonne.decimale:
            texte = _nombre(colonne, table, decimales)
        elif colonne.type == "BOOLEAN":
            texte = f"case {nom} when true then '{VRAI}' when false then '{FAUX}' end"
        elif colonne.type == "VARCHAR":
            texte = sans_formule(nom)
        # DuckDB writes no BOM: it rides on the first column's name.
        titre = nom if rang else nom_sql(f"{_BOM}{colonne.nom}")
        expressions.append(f"{texte} as {titre}")
    # A long list of indicateurs is a join, after which rows stand in the order that threads ended in.
    lu = f"read_parquet({texte_sql(export.parquet(table))}, file_row_number=true)"
    return f"select {', '.join(expressions)} from {lu} order by file_row_number"


def sans_formule(nom: str) -> str:
    """Write, in SQL, a text behind an apostrophe where a spreadsheet would run it: `=1+1` is `'=1+1`.

    `+3,4 points` and `-12` are numbers, and stay.
    """
    premiers = ", ".join(f"chr({ord(signe)})" for signe in FORMULE)
    calcule = f"left({nom}, 1) in ({premiers}) and not regexp_full_match({nom}, {texte_sql(NOMBRE_ECRIT)})"
    return f"if({calcule}, chr(39) || {nom}, {nom})"


def _nombre(colonne: ColonneDeMart, table: Table, decimales: dict[str, int]) -> str:
    """Write a number on the decimals of its indicateur: its column's in a wide mart, its row's elsewhere.

    What is not in the unit of an indicateur has decimals of its own.
    """
    if colonne.nom in decimales:
        return _arrondi(nom_sql(colonne.nom), decimales[colonne.nom])
    if colonne.nom in _HORS_UNITE:
        return _arrondi(nom_sql(colonne.nom), _FINE)
    if not any(autre.nom == "indicateur_id" for autre in table.colonnes):
        return _arrondi(nom_sql(colonne.nom), _PRECISION)
    cas = ""
    for precision in sorted(set(decimales.values())):
        noms = liste_sql(i for i, d in decimales.items() if d == precision)
        cas += f" when indicateur_id in {noms} then {_arrondi(nom_sql(colonne.nom), precision)}"
    return f"case{cas} else {_arrondi(nom_sql(colonne.nom), _PRECISION)} end"


def _arrondi(nom: str, decimales: int) -> str:
    """Round half away from zero on the decimals that write a number shortest, as it is printed.

    Beyond `PRECISION` decimals there is only what sums of doubles leave: 30.849999999999998 prints 30,9.
    """
    rond = f"decimal({15 + decimales}, {decimales})"
    # What eighteen digits hold is read into 64 bits, forty times as fast as into 128.
    texte = (
        f"if(abs({nom}) < 1e{18 - PRECISION}, {nom}::varchar::decimal(18, {PRECISION})::{rond},"
        f" {nom}::varchar::decimal(24, {PRECISION})::{rond})::varchar"
    )
    return f"replace(rtrim(rtrim({texte}, '0'), '.'), '.', ',')" if decimales else texte
