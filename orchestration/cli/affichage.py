"""What the commands share on the terminal: output, tables, errors a person can act on. No command is here."""

import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ingestion.contrats import ContratsInvalides
from ingestion.errors import ErreurSource
from ingestion.extrait.correspondance import CorrespondanceInvalide
from ingestion.templates import PasDeModele
from socle.erreurs import ErreurPublication

from ..nuit import reglages

# Piped to a file, tables keep whole identifiers instead of folding at 80 columns.
sortie = Console(width=None if sys.stdout.isatty() else 200)
ATTENDUES = (
    ErreurSource,
    ErreurPublication,
    ContratsInvalides,
    CorrespondanceInvalide,
    PasDeModele,
    reglages.ReglageRefuse,
    reglages.NuitEnCours,
)


class Groupe(click.Group):
    """Shows the errors a person can act on as their message, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 1 on an expected error."""
        try:
            return super().invoke(ctx)
        except ATTENDUES as erreur:
            click.echo(str(erreur), err=True)
            ctx.exit(1)


def tableau(titre: str, *colonnes: str) -> Table:
    """Return an empty table with these headers."""
    table = Table(title=titre, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for colonne in colonnes:
        table.add_column(colonne, overflow="fold")
    return table
