"""`ctg doctor`: each line of the installation and of CTG_HOME right, or what to type.

Belongs here: how it reads, its exit code. What is looked at: `orchestration.exploitation.diagnostic`.
"""

import json
import sys
from dataclasses import asdict

import click

from socle.etat import EtatIllisible

from ..exploitation.diagnostic import Constat, examiner
from ..nuit import reglages

MARQUES = {"bien": ("ok  ", "green"), "voir": ("look", "yellow"), "faute": ("NO  ", "red")}


@click.command()
@click.option("--json", "en_json", is_flag=True, help="The same, as JSON.")
def doctor(en_json: bool) -> None:
    """Look at the installation and at CTG_HOME: each line right, or what to type.

    Writes nothing. Exit codes: 0 nothing keeps a night or readers from what they should have, though some
    lines may ask for a look; 1 a line says NO, or CTG_HOME is no folder of a warehouse.
    """
    constats = []
    try:
        vus = examiner(reglages.lire())
    except EtatIllisible as e:
        # Of which profile it is, nobody knows: nothing else can be judged.
        vus = iter([Constat("state", "faute", e.fait, e.suite)])
    for constat in vus:
        constats.append(constat)
        if en_json:
            continue
        marque, couleur = MARQUES[constat.etat]
        click.echo(f"{click.style(marque, fg=couleur)} {constat.quoi:<12} {constat.fait}")
        if constat.etat != "bien" and constat.suite:
            click.echo(f"{'':<18}next: {constat.suite}")
    if en_json:
        click.echo(json.dumps([asdict(c) for c in constats], ensure_ascii=False, indent=2))
    fautes = sum(c.etat == "faute" for c in constats)
    if fautes and not en_json:
        click.echo(f"{fautes} line(s) say NO.", err=True)
    sys.exit(1 if fautes else 0)
