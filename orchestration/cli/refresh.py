"""`ctg refresh`: the options of a night, and whoever is told that it could not begin.

Imports nothing heavy: an environment that is broken is told too. The night itself: `cli.nuit`.
"""

from contextlib import nullcontext
from datetime import datetime

import click

from socle.horloge import aujourd_hui

from ..exploitation.alertes import en_commencant
from ..nuit import reglages
from .options import OPTION_MIROIR, OPTION_PROFIL


@click.command()
@OPTION_PROFIL
@OPTION_MIROIR
@click.option(
    "--perimetre",
    "perimetres",
    metavar="SCOPES",
    multiple=True,
    help="Scopes of the marts, with commas or repeated, that of releases/current first: "
    f"{reglages.PERIMETRES}.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Rebuild what the warehouse would have said that day (2024-12-17), as a release beside the others.",
)
@click.option(
    "--postgres",
    metavar="DSN",
    help="Database that the release is published to as well (docs/how-to.md); best set as CTG_POSTGRES.",
)
@click.option(
    "--imprimer",
    metavar="LIST",
    help="Territories the site has a page of: levels and ids, with commas (ctg,epci,departement,region).",
)
@click.option(
    "--repartir",
    is_flag=True,
    help="State that no release of this CTG_HOME that prints exact counts of persons ever left the machine:"
    " they are removed.",
)
@click.option(
    "--nouvelle-cle",
    is_flag=True,
    help="Round new files of persons under another key: the secret of the installation is lost.",
)
def refresh(
    profile: str | None,
    mirror: str | None,
    perimetres: tuple[str, ...],
    as_of: datetime | None,
    postgres: str | None,
    imprimer: str | None,
    repartir: bool,
    nouvelle_cle: bool,
) -> None:
    """Run one night: fetch, land, type, build, check, publish.

    Exit codes: 0 published, or nothing had changed; 2 something was refused, PostgreSQL did not get the
    release, or the night was cut short once it had published, or could not say that it had; 1 nothing was
    published, because the night failed.
    """
    jour = as_of.date() if as_of else None
    if jour and jour > aujourd_hui():
        raise click.BadParameter(f"{jour} has not come yet", param_hint="--as-of")
    options = reglages.Options(
        profile, ",".join(perimetres), mirror, imprimer, postgres, repartir, nouvelle_cle
    )
    with nullcontext() if jour else en_commencant():
        # Dagster, DuckDB, Arrow: 1 s, and an environment that may be broken.
        from .nuit import une_nuit

        une_nuit(options, jour)
