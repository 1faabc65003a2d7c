"""What the commands share on the terminal: output and tables. No command is here."""

import sys

import click
import duckdb
from rich.console import Console
from rich.table import Table

from publication.lecture.lieux import LieuNonCompris, reserve, trouver

# Piped to a file, tables keep whole identifiers instead of folding at 80 columns.
sortie = Console(width=None if sys.stdout is not None and sys.stdout.isatty() else 200)


def tableau(titre: str, *colonnes: str) -> Table:
    """Return an empty table with these headers."""
    table = Table(title=titre, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for colonne in colonnes:
        table.add_column(colonne, overflow="fold")
    return table


def lieu(con: duckdb.DuckDBPyConnection, demande: str) -> str:
    """Return the territoire_id of a place; on a terminal, say how an inexact name was understood.

    Raises LieuNonCompris, except on a terminal for a place that can only be one territory.
    """
    try:
        trouve = trouver(con, demande)
    except LieuNonCompris as refus:
        if refus.compris is None or sys.stderr is None or not sys.stderr.isatty():
            raise
        trouve = refus.compris
        click.echo(f"Compris : {trouve.libelle}{trouve.habitants}.", err=True)
    if dite := reserve(con, demande):
        click.echo(f"{dite}.", err=True)
    return trouve.territoire_id
