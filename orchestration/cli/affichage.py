"""What the commands share on the terminal: output and tables. No command is here."""

import sys

from rich.console import Console
from rich.table import Table

# Piped to a file, tables keep whole identifiers instead of folding at 80 columns.
sortie = Console(width=None if sys.stdout is not None and sys.stdout.isatty() else 200)


def tableau(titre: str, *colonnes: str) -> Table:
    """Return an empty table with these headers."""
    table = Table(title=titre, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for colonne in colonnes:
        table.add_column(colonne, overflow="fold")
    return table
