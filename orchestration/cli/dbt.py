"""`ctg dbt`: dbt by hand, on a copy of the last build."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from ..nuit.chemins import BASE, chemins
from ..nuit.construction import construite
from ..nuit.projet import DBT, PROJET, actualiser_manifeste
from ..nuit.zones import ecriture, exiger_le_proprietaire


@click.command("dbt", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dbt(arguments: tuple[str, ...]) -> None:
    """Run dbt by hand on a copy of the last build: `ctg dbt build -s mart_logement`.

    The copy is kept from one command to the next, and made again when a night has built since. Its path is
    printed last, for duckdb. Nothing of it is published.
    """
    lieux = chemins()
    exiger_le_proprietaire(lieux.home)
    actualiser_manifeste()
    with ecriture(lieux.home):
        essai = lieux.build / "essai"
        copie = _copier(construite(lieux.build), essai / "copie" / BASE)
        fait = subprocess.run(
            [
                *(str(DBT), *arguments),
                *("--project-dir", str(PROJET), "--profiles-dir", str(PROJET)),
                *("--target-path", str(essai / "target"), "--log-path", str(essai / "logs")),
            ],
            env=os.environ | {"CTG_BUILD_DB": str(copie)},
            check=False,
        )
    click.echo(copie, err=True)
    sys.exit(fait.returncode)


def _copier(base: Path, copie: Path) -> Path:
    """Copy the last build, unless the copy is of it. Its name stays: views say it."""
    if not copie.exists() or copie.stat().st_mtime_ns < base.stat().st_mtime_ns:
        shutil.rmtree(copie.parent, ignore_errors=True)
        copie.parent.mkdir(parents=True)
        # Cut short, a copy under its own name would pass for the newest.
        shutil.copyfile(base, partie := copie.with_suffix(".part"))
        partie.replace(copie)
    return copie
