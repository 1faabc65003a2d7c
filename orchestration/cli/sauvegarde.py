"""`ctg sauvegarde` and `ctg restore`: what cannot be made again, in one file, and back.

Belongs here: what is said of it. What is taken and how: `orchestration.exploitation.sauvegarde`; which older
backups go: `suivi_sauvegardes`.
"""

from pathlib import Path

import click

from ..exploitation import sauvegarde as _sauvegarde
from ..exploitation import suivi_sauvegardes
from ..nuit import reglages
from ..nuit.chemins import Chemins, chemins
from ..nuit.cles import secret_perdu
from ..nuit.pertes import pertes
from ..nuit.zones import exiger_le_proprietaire

CE_QU_ELLE_EST = (
    "Whoever has this file has the internal files, and {}:\n"
    "keep it as closed as the warehouse, encrypted where it travels. Not in it: the secret of pseudonyms,\n"
    "which is outside of CTG_HOME, and depot/. No copy may outlive the retention of the months of the\n"
    "extract that it holds."
)


@click.command()
@click.argument("ou", metavar="DIR_OR_FILE", type=click.Path(path_type=Path))
@click.option("--toutes", is_flag=True, help="Every release, and not those in service or pinned alone.")
@click.option(
    "--si-change", is_flag=True, help="In a DIR: write nothing where the last backup holds all there is."
)
@click.option(
    "--garder-jours",
    type=click.IntRange(1),
    metavar="DAYS",
    help="In a DIR: once the new one is whole, remove the older backups of this CTG_HOME.",
)
@click.option(
    "--garder-au-moins",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    metavar="N",
    help="Backups that stay whatever their age.",
)
@click.option(
    "--sans-mots-de-passe",
    is_flag=True,
    help="Leave out alertes.yml and the password of the mirror: give them again after a restore.",
)
def sauvegarde(
    ou: Path,
    toutes: bool,
    si_change: bool,
    garder_jours: int | None,
    garder_au_moins: int,
    sans_mots_de_passe: bool,
) -> None:
    """Write in one closed file what of CTG_HOME cannot be made again.

    Files as received, extract, frozen counts, key, releases in service. Waits for no night: it is refused
    while one runs.
    """
    if (si_change or garder_jours) and not ou.is_dir():
        raise click.BadParameter(f"{ou} is not a folder of backups", param_hint="DIR_OR_FILE")
    lieux = chemins()
    with reglages.verrou(lieux.home):
        # A backup of a home with losses would pass for whole, and push out the good ones.
        for perte in (*pertes(lieux), *secret_perdu(reglages.lire())):
            raise perte
        tout = {"toutes": toutes, "sans_mots_de_passe": sans_mots_de_passe}
        empreinte = suivi_sauvegardes.empreinte(lieux, **tout)
        faite = suivi_sauvegardes.deja_faite(lieux, ou, empreinte) if si_change else None
        neuve = faite is None
        faite = faite or _sauvegarde.sauvegarder(lieux, ou, **tout)
        suivi_sauvegardes.noter(lieux, faite, empreinte)
        retirees, dits = (
            suivi_sauvegardes.elaguer(lieux, ou, garder_jours, garder_au_moins) if garder_jours else ([], [])
        )
    if neuve:
        click.echo(f"{faite.chemin}: {faite.fichiers} files, {faite.octets:,} bytes.")
    else:
        click.echo(f"Nothing moved since {faite.chemin}: it holds all there is.")
    for retiree in retirees:
        click.echo(f"Removed: {retiree}")
    for dit in (*dits, *_ce_qu_elle_est(lieux, faite.chemin, sans=sans_mots_de_passe)):
        click.echo(dit, err=True)


def _ce_qu_elle_est(lieux: Chemins, fichier: Path, *, sans: bool) -> list[str]:
    """What whoever keeps a backup should know of it."""
    dits = suivi_sauvegardes.mots_de_passe(lieux, sans=sans)
    lignes = [CE_QU_ELLE_EST.format(", ".join(dits) or "no key")]
    if fichier.stat().st_dev == lieux.home.stat().st_dev:
        lignes.append(
            f"{fichier.parent} is on the disk of the warehouse, and would be lost with it: copy it."
        )
    return lignes


@click.command("restore")
@click.argument("fichier", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restaurer(fichier: Path) -> None:
    """Make CTG_HOME, a folder that is new or empty, of a backup: whole, or not at all.

    Exit codes: 0 restored; 1 refused, and nothing was made.
    """
    home = chemins(nouveau=True).home
    exiger_le_proprietaire(home)
    lue = _sauvegarde.restaurer(fichier, home)
    click.echo(f"{home}: {lue.fichiers} files, {lue.octets:,} bytes, as they were on {lue.faite_le}.")
    click.echo(
        "Files of persons that were rounded after that day are rounded again, alike but for revisions."
        " If readers had"
        ' later releases, read docs/runbook.md, "Backup and restore", first.\n'
        "Next: put the secret of pseudonyms back where CTG_CLE_PSEUDONYMES_FICHIER names it, if an extract is"
        " received; then `ctg doctor`, then `ctg refresh`.",
        err=True,
    )
