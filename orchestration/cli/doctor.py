"""`ctg doctor`: each line of the installation and of CTG_HOME right, or what to type.

Belongs here: how it reads, its exit code. What is looked at: `orchestration.exploitation.diagnostic`.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict

import click

from socle.etat import EtatIllisible

from ..exploitation.alertes import en_commencant
from ..exploitation.diagnostic import LigneDiagnostic, examiner
from ..exploitation.ronde import dire
from ..nuit import reglages
from ..nuit.chemins import chemins

MARQUES = {"bien": ("ok  ", "green"), "voir": ("look", "yellow"), "faute": ("NO  ", "red")}
DITS = ("quoi", "etat", "fait", "suite")


@click.command()
@click.option("--json", "en_json", is_flag=True, help="The same, as JSON.")
@click.option(
    "--alerter", is_flag=True, help="Tell each line that says NO to the addresses of alertes.yml, once."
)
def doctor(en_json: bool, alerter: bool) -> None:
    """Look at the installation and at CTG_HOME: each line right, or what to type.

    Writes nothing but what it told. Exit codes: 0 nothing keeps a night or readers from what they should
    have, though some lines may ask for a look; 1 a line says NO, or CTG_HOME is no folder of a warehouse.
    """
    constats = []
    with en_commencant("constats") if alerter else nullcontext():
        for constat in _vus():
            constats.append(constat)
            if not en_json:
                _montrer(constat)
    if en_json:
        lignes = [{nom: dit for nom, dit in asdict(c).items() if nom in DITS} for c in constats]
        click.echo(json.dumps(lignes, ensure_ascii=False, indent=2))
    if alerter:
        for echec in dire(chemins(), constats).echecs:
            click.echo(f"Alert not sent: {echec}. `ctg alertes essai` tries the addresses.", err=True)
    fautes = sum(c.etat == "faute" for c in constats)
    if fautes and not en_json:
        click.echo(f"{fautes} line(s) say NO.", err=True)
    sys.exit(1 if fautes else 0)


def _vus() -> Iterator[LigneDiagnostic]:
    try:
        yield from examiner(reglages.lire())
    except EtatIllisible as e:
        # Without the profile, nothing else can be judged.
        yield LigneDiagnostic("state", "faute", e.fait, e.suite, acheve=False)


def _montrer(constat: LigneDiagnostic) -> None:
    marque, couleur = MARQUES[constat.etat]
    click.echo(f"{click.style(marque, fg=couleur)} {constat.quoi:<12} {constat.fait}")
    if constat.etat != "bien" and constat.suite:
        click.echo(f"{'':<18}next: {constat.suite}")
