"""The commands of the allocataire extract: `ctg extrait …`. What they do is in `ingestion.extrait`.

None prints a number of rows: it would be a number of persons. A check that reads tells hundred thousands.
"""

import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import click

from ingestion.extrait.contrat import charger_contrat
from ingestion.extrait.controle import controler
from ingestion.extrait.correspondance import Correspondance, charger_correspondance, chemin_correspondance
from ingestion.extrait.identite import SOURCE_EXTRAIT
from ingestion.extrait.modele import ecrire_modele
from ingestion.extrait.pseudonymes import CleRefusee
from ingestion.extrait.purge import purger
from ingestion.extrait.retenus import Micro
from ingestion.extrait.zones import preparer_zone

from ..exploitation.purge import a_purger
from ..nuit import reglages
from ..nuit.chemins import chemins
from ..nuit.comptage import Comptage
from ..nuit.garde_arrondi import exiger_un_seul_arrondi
from ..nuit.journaux import decider
from ..nuit.pertes import exiger_sans_perte
from ..nuit.projet import actualiser_manifeste
from ..nuit.zones import ecriture
from .affichage import sortie, tableau
from .avancement import suivi
from .groupe import Groupe

MOIS = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


def _mois(ctx: click.Context, param: click.Parameter, valeur: str | None) -> str | None:
    if valeur is not None and not MOIS.fullmatch(valeur):
        raise click.BadParameter(f"{valeur!r} is not a month written YYYY-MM", ctx, param)
    return valeur


def _correspondance(reglage: reglages.Reglages) -> Correspondance:
    """The mapping somebody wrote, else the profile's own: an unbound folder passes for the demonstration."""
    ecrite = chemin_correspondance(reglage.home)
    return charger_correspondance(ecrite if ecrite.exists() else reglage.origine_extrait().correspondance)


@click.group(cls=Groupe, anciens={"compter": "count"})
def extrait() -> None:
    """The allocataire extract: check a file, decide, purge (docs/extrait.md)."""


@extrait.command()
@click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--enfants",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Children, in the second-file form.",
)
@click.option(
    "--mois",
    callback=_mois,
    metavar="YYYY-MM",
    help="Reference month; by default the name of the folder of FILE.",
)
def check(fichier: Path, enfants: Path | None, mois: str | None) -> None:
    """Say everything that would be refused of FILE; store nothing.

    Exit codes: 0 the night would take it in; 1 it would not, or it is a revision to accept.
    """
    mois = mois or fichier.absolute().parent.name
    if not MOIS.fullmatch(mois):
        raise click.UsageError(f"{fichier} is in no folder of a month: name it with --mois YYYY-MM")
    reglage = reglages.lire()
    correspondance = _correspondance(reglage)
    with suivi() as suivre:
        erreurs = controler(fichier, enfants, mois, correspondance, reglage.micro(), suivre)
    for erreur in erreurs:
        click.echo(f"{erreur}\n", err=True)
    try:
        reglage.origine_extrait().secret()
    except CleRefusee as e:
        click.echo(f"Not part of the check, but the night would stop on it: {e}", err=True)
    click.echo(f"{len(erreurs)} error(s)." if erreurs else f"{fichier} would be taken in for {mois}.")
    sys.exit(1 if erreurs else 0)


@extrait.command()
@click.option(
    "--dossier",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Where to write (default: modeles/{SOURCE_EXTRAIT} under CTG_HOME).",
)
def template(dossier: Path | None) -> None:
    """Write a mapping to fill in and the guide of its columns, and open the closed folders of the extract."""
    with ecriture(chemins(nouveau=True).home):
        for chemin in ecrire_modele(charger_contrat(), dossier or chemins().modeles / SOURCE_EXTRAIT):
            click.echo(str(chemin))
        zones = reglages.lire().zones()
        for zone in (zones.depot, zones.depot_extrait, zones.micro, zones.agregats):
            preparer_zone(zone)


@extrait.command("list")
def list_() -> None:
    """Months in use, waiting, refused or purged."""
    micro = reglages.lire().micro()
    retenus = {m.mois: m for m in micro.acceptes()}
    lignes = tableau("Extracts", "month", "state", "statut", "sha256", "taken in", "purpose", "note")
    for mois, etat in sorted(micro.journal().etats.items()):
        retenu = retenus.get(mois)
        notes = []
        if etat.en_attente:
            notes.append(f"revision waiting: {etat.en_attente[:12]}")
        if etat.refus:
            notes.append("a file was refused: " + ", ".join(sorted({e["code"] for e in etat.refus})))
        if retenu and not retenu.purge and not retenu.lisible:
            notes.append("its micro Parquet is missing or has other columns")
        lignes.add_row(
            mois,
            ("purged" if retenu.purge else "in use") if retenu else "never taken in",
            retenu.statut if retenu else "",
            retenu.sha256[:12] if retenu else "",
            retenu.recu_le if retenu else "",
            retenu.finalite if retenu else "",
            "; ".join(notes),
        )
    sortie.print(lignes)


@extrait.command("count")
@click.option(
    "--moteur",
    type=click.Choice(reglages.MOTEURS),
    help="What counts: this machine (duckdb, the default), or a cluster.",
)
@click.option(
    "--maitre",
    metavar="URL",
    help="Cluster of Spark (spark://host:7077); by default two workers of this machine.",
)
def compter(moteur: str | None, maitre: str | None) -> None:
    """Count and round the files of persons in use now; the next night reads what was rounded.

    A month counted already from the same foyers, geography and models is not counted again, whatever the
    engine. A night whose inputs are others counts by itself, unless CTG_MOTEUR_EXTRAIT says spark.
    """
    # A service manager stops what it started by this signal: what Spark wrote is removed all the same.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    actualiser_manifeste()
    reglage = reglages.lire()
    if maitre:
        reglage = replace(reglage, maitre=maitre)
    with reglages.verrou(reglage.home):
        # What a night looks at before it rounds: two roundings of one count tell it.
        exiger_sans_perte(reglage.chemins)
        exiger_un_seul_arrondi(reglage)
        micro = reglage.micro()
        micro.balayer()
        arrondis = Comptage(reglage, reglage.acquisition(), micro.mois_retenus(), moteur=moteur).faire()
    for fichier, chemin in arrondis.fichiers.items():
        click.echo(f"{fichier.source} {fichier.periode}: {chemin}")
    for refus in arrondis.refus:
        click.echo(str(refus), err=True)
    if not arrondis.fichiers and not arrondis.refus:
        click.echo("No file of persons is in use: nothing to count.")


@extrait.command()
@click.argument("mois", callback=_mois, metavar="YYYY-MM")
@click.argument("sha256")
def accept(mois: str, sha256: str) -> None:
    """Use a revision of a month from the next night on."""
    reglage = reglages.lire()
    with reglages.verrou(reglage.home), decider(reglage.chemins):
        entier = reglage.micro().accepter(mois, sha256)
    click.echo(f"{mois}: {entier} is in use from the next night on.")


def _exiger_finalite(finalite: str | None, correspondance: Correspondance, micro: Micro) -> None:
    """Refuse a purpose that no month was ever kept for, and that the mapping does not declare."""
    lues = {lecture.finalite for etat in micro.journal().etats.values() for lecture in etat.lus.values()}
    connues = sorted(lues | {*correspondance.conservation_micro_mois})
    if finalite is not None and finalite not in connues:
        raise click.BadParameter(
            f"no month is kept for {finalite!r}: the purposes are {', '.join(connues)}",
            param_hint="--finalite",
        )


@extrait.command()
@click.option("--finalite", metavar="F", help="Only the months kept for this purpose.")
@click.option(
    "--avant",
    callback=_mois,
    metavar="YYYY-MM",
    help="Every month before this one, even within its retention.",
)
@click.option("--sans-gel", is_flag=True, help="Even a December in use that no night has frozen.")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
def purge(finalite: str | None, avant: str | None, sans_gel: bool, dry_run: bool) -> None:
    """Remove micro months and raw files past the retention that the mapping declares.

    Frozen communal aggregates stay, and figures with them. Exit codes: 0 done, or nothing was due; 1
    something due was kept: a December in use whose aggregates no night has frozen.
    """
    reglage = reglages.lire()
    correspondance = _correspondance(reglage)
    with reglages.verrou(reglage.home), decider(reglage.chemins):
        _exiger_finalite(finalite, correspondance, reglage.micro())
        purge = a_purger(reglage, correspondance, finalite, avant, sans_gel=sans_gel)
        for du in purge.mois:
            click.echo(f"micro {du.mois} ({du.finalite}): {du.motif}")
        for brut in purge.bruts:
            click.echo(f"raw   {brut.extrait.mois} {brut.extrait.foyers.name}: {brut.motif}")
        if not dry_run:
            purger(reglage.micro(), list(purge.mois), list(purge.bruts))
    for du in purge.gardes:
        click.echo(
            f"micro {du.mois} ({du.finalite}): {du.motif}, kept: no night has frozen its aggregates, and its "
            "figures would go with it. Run `ctg refresh`, or purge with --sans-gel",
            err=True,
        )
    if not purge.mois and not purge.bruts and not purge.gardes:
        click.echo("Nothing is due.")
    elif dry_run:
        click.echo("Dry run: nothing was removed.")
    sys.exit(1 if purge.gardes else 0)
