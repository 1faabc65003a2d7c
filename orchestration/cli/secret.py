"""`ctg secret`: the certificate of a release, the incidents that wait, and the decisions on them.

Belongs here: showing and recording. What an incident is, and what a decision changes: `confidentialite`.
"""

import json
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.table import Table

from confidentialite.preuve.constats import Constats
from publication.releases import magasin as releases
from socle.erreurs import ErreurPublication

from ..nuit import reglages


@click.group("secret")
def secret() -> None:
    """Statistical secrecy: certificates, incidents, decisions."""


def _releases() -> Path:
    return reglages.dossier_home() / "releases"


@secret.command("show")
@click.argument("release_id", default="current")
@click.option("--json", "en_json", is_flag=True, help="The certificate as it is in the release.")
def show(release_id: str, en_json: bool) -> None:
    """Certificate of a release."""
    dossier = releases.trouver(_releases(), release_id)
    fichier = dossier / releases.CERTIFICAT
    if not fichier.is_file():
        raise ErreurPublication(
            f"Release {dossier.name} has no certificate: it was made before releases were audited."
            " Publish again."
        )
    if en_json:
        click.echo(fichier.read_text(encoding="utf-8"), nl=False)
        return
    tableau = Table(title=f"Certificate of {dossier.name}", title_justify="left", box=None, pad_edge=False)
    tableau.add_column("field")
    tableau.add_column("value", overflow="fold")
    for champ, valeur in _a_plat(json.loads(fichier.read_bytes())):
        tableau.add_row(champ, valeur)
    Console(width=None if click.get_text_stream("stdout").isatty() else 200).print(tableau)


def _a_plat(contenu: dict[str, Any], prefixe: str = "") -> list[tuple[str, str]]:
    """Return a nested certificate as lines; a list is one value."""
    lignes: list[tuple[str, str]] = []
    for cle, valeur in contenu.items():
        if isinstance(valeur, dict):
            lignes += _a_plat(valeur, f"{prefixe}{cle}.") or [(f"{prefixe}{cle}", "-")]
        else:
            lignes.append((f"{prefixe}{cle}", "-" if valeur is None else str(valeur)))
    return lignes


@secret.command("incidents")
def incidents() -> None:
    """Cells that earlier releases give away, decided or not, as the last night saw them."""
    from confidentialite.memoire import registre

    decisions = registre.decisions(releases.registre_de(_releases()))
    vus = _dernier_audit()
    connus = {i.incident_id for i in vus}
    for incident in vus:
        decision = decisions.get(incident.incident_id)
        suite = (
            f"{decision['decision']}, {decision['date']}, {decision['qui']}" if decision else "to be decided"
        )
        click.echo(f"{incident} [{suite}]")
    for identifiant, decision in decisions.items():
        if identifiant not in connus:
            click.echo(f"{identifiant}: {decision['decision']}, {decision['date']}, {decision['qui']} (past)")
    if not vus and not decisions:
        click.echo("No incident.")


def _dernier_audit() -> Any:
    """Return the incidents of the last night, whether it published or not."""
    trouves = sorted((reglages.dossier_home() / "build").glob(f"*/validation/{releases.AUDIT}"))
    return Constats.depuis(json.loads(trouves[-1].read_bytes())).incidents if trouves else ()


@secret.command("decide")
@click.argument("incident")
@click.option("--par", "qui", required=True, metavar="NAME", help="Who takes responsibility.")
@click.option("--raison", required=True, metavar="TEXT", help="Why the release may go on.")
@click.option(
    "--decision",
    type=click.Choice(["assumer"]),
    default="assumer",
    show_default=True,
    help="What is decided.",
)
def decide(incident: str, qui: str, raison: str, decision: str) -> None:
    """Record a decision on an incident; the next night no longer stops on it."""
    from confidentialite.memoire import registre

    (choix,) = (d for d in get_args(registre.Decision) if d == decision)
    connus = {i.incident_id for i in _dernier_audit()}
    if incident not in connus:
        raise ErreurPublication(
            f"No incident {incident} in the last night: choose one of {', '.join(sorted(connus)) or 'none'}"
            " (`ctg secret incidents`)."
        )
    with reglages.verrou(reglages.dossier_home()):
        registre.decider(releases.registre_de(_releases()), incident, qui, choix, raison)
    click.echo(f"{incident}: {decision}, recorded. Run the night again.")
