"""Groups of commands: loaded when they are used, and their expected errors shown as a message.

Belongs here: what every group of `ctg` does. Does not belong here: any command, nor anything heavy to import.
"""

import errno
import importlib
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click


class Commande(NamedTuple):
    """A command by name: `module:attribute` in `orchestration.cli`, and the first line of its help."""

    nom: str
    ou: str
    aide: str

    def charger(self) -> click.Command:
        """Import its module."""
        module, _, attribut = self.ou.partition(":")
        commande = getattr(importlib.import_module(f"orchestration.cli.{module}"), attribut)
        assert isinstance(commande, click.Command)
        return commande


def message(erreur: Exception) -> str | None:
    """The message of an error that a person can act on; None of a bug."""
    from socle.erreurs import ErreurCtg
    from socle.memoire import manque_de
    from socle.panne import panne_de

    from ..nuit.chemins import chemins

    if isinstance(erreur, ErreurCtg):
        return str(erreur)
    if en_imprimant(erreur):
        return (
            "[sortie] what this command prints could not be written\n"
            f"  observed: {erreur}, on the standard output\n"
            "  expected: a terminal, a file or a program that takes it\n"
            "  next:     give room to the file that it is sent to, or send it elsewhere; what the command did"
            " is done"
        )
    # Whether the home is there is not what is told here.
    panne = manque_de(erreur) or panne_de(erreur, chemins(nouveau=True).home)
    return str(panne) if panne else None


# Modules that print: an error of writing to the standard output names no file.
_IMPRIMEURS = {"click", "rich"}


def en_imprimant(erreur: BaseException) -> bool:
    """Whether what failed is printing, and not what the command does.

    A pipe that its reader closed is not told: `ctg releases list | head` has what it wants.
    """
    if not isinstance(erreur, OSError) or erreur.filename is not None or erreur.errno == errno.EPIPE:
        return False
    return Path(traceback.extract_tb(erreur.__traceback__)[-1].filename).parent.name in _IMPRIMEURS


class Groupe(click.Group):
    """Shows the errors a person can act on as their message, without a traceback.

    `anciens`: names of commands before 0.2, which scripts may still type, and what each is called now.
    """

    def __init__(self, *args: Any, anciens: Mapping[str, str] = {}, **kwargs: Any) -> None:
        """Know these names of before."""
        super().__init__(*args, **kwargs)
        self.anciens = anciens

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command by its name, or by the one that it had."""
        if args and (nom := self.anciens.get(args[0])):
            click.echo(f"`{ctx.command_path} {args[0]}` is called `{ctx.command_path} {nom}` now.", err=True)
            args = [nom, *args[1:]]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 1 on an expected error."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as erreur:
            if not (dit := message(erreur)):
                raise
            click.echo(dit, err=True)
            ctx.exit(1)


class GroupeParesseux(Groupe):
    """Knows its commands by a table, and imports one when it is asked for."""

    def __init__(self, *args: Any, commandes: Sequence[Commande] = (), **kwargs: Any) -> None:
        """Know these commands."""
        super().__init__(*args, **kwargs)
        self.table = {c.nom: c for c in commandes}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in order."""
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        return self.table[cmd_name].charger() if cmd_name in self.table else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table."""
        place = formatter.width - 6 - max(map(len, self.table))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (nom, click.Command(nom, help=commande.aide).get_short_help_str(place))
                    for nom, commande in sorted(self.table.items())
                ]
            )
