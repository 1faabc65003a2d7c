"""`ctg alertes …`: whether the night reaches those who are not looking (docs/how-to.md)."""

import sys

import click

from ..nuit.chemins import chemins
from .groupe import Groupe


@click.group(cls=Groupe)
def alertes() -> None:
    """Messages of the night: try the addresses of alertes.yml."""


@alertes.command()
def essai() -> None:
    """Send one message to each address. Exit codes: 0 all took it; 1 one did not, or there is none."""
    from ..nuit.alertes import essayer

    lieux = chemins()
    envois = essayer(lieux)
    if envois is None:
        raise click.ClickException(
            f"{lieux.alertes} is not there: nothing is sent. Write one as docs/how-to.md does, then try again"
        )
    for echec in envois.echecs:
        click.echo(echec, err=True)
    click.echo(f"{envois.envoyes} address(es) took the message.")
    sys.exit(1 if envois.echecs else 0)
