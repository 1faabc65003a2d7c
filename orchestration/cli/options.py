"""Options that several commands take."""

import click

OPTION_MIROIR = click.option(
    "--mirror", metavar="DIR_OR_URL", help="Folder or address laid out by producer (profile mirror)."
)
