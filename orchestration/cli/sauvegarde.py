"""`ctg sauvegarde` and `ctg restaurer`: what cannot be made again, in one file, and back.

Belongs here: what is said of it. What is taken and how: `orchestration.exploitation.sauvegarde`.
"""

from pathlib import Path

import click

from ..exploitation import sauvegarde as _sauvegarde
from ..nuit import reglages
from ..nuit.chemins import chemins
from ..nuit.zones import exiger_le_proprietaire

CE_QU_ELLE_EST = (
    "Whoever has this file has the internal files and the key of the installation: keep it as closed as the\n"
    "warehouse, encrypted where it travels. Not in it: the secret of pseudonyms, which is outside of\n"
    "CTG_HOME, and depot/. No copy may outlive the retention of the months of the extract that it holds."
)


@click.command()
@click.argument("ou", metavar="DIR_OR_FILE", type=click.Path(path_type=Path))
@click.option("--toutes", is_flag=True, help="Every release, and not those in service or pinned alone.")
def sauvegarde(ou: Path, toutes: bool) -> None:
    """Write in one closed file what of CTG_HOME cannot be made again.

    Files as received, extract, frozen counts, key, releases in service. Waits for no night: it is refused
    while one runs.
    """
    lieux = chemins()
    with reglages.verrou(lieux.home):
        faite = _sauvegarde.sauvegarder(lieux, ou, toutes=toutes)
    click.echo(f"{faite.chemin}: {faite.fichiers} files, {faite.octets:,} bytes.")
    click.echo(CE_QU_ELLE_EST, err=True)


@click.command()
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
