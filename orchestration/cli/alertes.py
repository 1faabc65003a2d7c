"""`ctg alertes …`: whether the night reaches those who are not looking (docs/how-to.md)."""

import sys

import click

from ..exploitation.alertes import dire_la_tuee, essayer
from ..nuit import reglages
from ..nuit.chemins import chemins
from .groupe import Groupe


@click.group(cls=Groupe)
def alertes() -> None:
    """Messages of the night: try the addresses of alertes.yml."""


@alertes.command()
def essai() -> None:
    """Send one message to each address. Exit codes: 0 all took it; 1 one did not, or there is none."""
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


@alertes.command()
def tuee() -> None:
    """Tell a night that was killed, once: it could not by itself. What systemd runs after each night.

    Exit codes: 0 told, or there is none; 1 an address did not take it.
    """
    reglage = reglages.lire()
    try:
        with reglages.verrou(reglage.home):
            debut, envois = dire_la_tuee(reglage.chemins)
    except reglages.NuitEnCours:
        # A running night already told the one before it.
        return
    for echec in envois.echecs:
        click.echo(f"Alert not sent: {echec}", err=True)
    if debut:
        click.echo(f"The night begun on {debut} did not end. {envois.envoyes} message(s) sent.")
    sys.exit(1 if envois.echecs else 0)
