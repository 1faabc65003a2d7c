"""Options that several commands take."""

import click

from ..nuit.reglages import PROFILS

OPTION_PROFIL = click.option("--profile", type=click.Choice(list(PROFILS)), help="Where the files come from.")

OPTION_MIROIR = click.option(
    "--mirror", metavar="DIR_OR_URL", help="Folder or address laid out by producer (profile mirror)."
)
