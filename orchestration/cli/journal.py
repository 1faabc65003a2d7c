"""`ctg journal …`: going on with a journal that lost lines. How it is seen: `orchestration.nuit.journaux`."""

import os

import click

from ..nuit import journaux, reglages
from ..nuit.chemins import chemins
from ..nuit.zones import compte
from .groupe import Groupe

# What no decision typed again brings back.
SUITES = {
    "landing": "Type again the decisions among these (`ctg sources accept`, `reject`, `withdraw`).",
    "micro": "Months that it does not know are removed by the next night: drop them again.",
    "agregats": "What it does not know is counted and rounded again, and a revision would have other figures"
    ' than readers had: read docs/runbook.md, "Backup and restore", first.',
}


@click.group(cls=Groupe)
def journal() -> None:
    """What the warehouse remembers by, where it lost lines."""


@journal.command("accept")
@click.argument("nom", metavar="NAME", type=click.Choice(journaux.NOMS))
@click.option("--motif", metavar="TEXT", help="Why, for whoever reads the journal later.")
def journal_accept(nom: str, motif: str | None) -> None:
    """Take the journal NAME (landing, micro or agregats) as it stands, and write in it who said so.

    Nights go on from it: what it lacks is forgotten. Where a copy or a backup has the lines, put it back
    instead, as `ctg doctor` says.
    """
    lieux = chemins()
    with reglages.verrou(lieux.home):
        entier = journaux.chemin(lieux, nom) not in {e.fichier for e in journaux.raccourcis(lieux)}
        manquent = [] if entier else journaux.accepter(lieux, nom, compte(os.geteuid()), motif)
    if entier:
        click.echo(f"{nom}: no line is missing, nothing was written.")
        return
    click.echo(f"{nom}: taken as it is from the next night on.")
    for dite in manquent:
        click.echo(f"  forgotten: {dite}")
    click.echo(SUITES[nom], err=True)
