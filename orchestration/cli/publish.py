"""`ctg publish …`: a release of the store, elsewhere. What is done there is in `publication.exports`."""

import os

import click

from publication.exports import postgres as serveur
from publication.exports.postgres.serveur import Adresse
from publication.releases.magasin import montrer, trouver

from ..nuit.chemins import chemins
from ..nuit.postgres import schema_de
from ..nuit.reglages import LECTEURS
from ..nuit.reglages import lecteurs as role_de_lecture
from .groupe import Groupe
from .options import OPTION_PERIMETRE_EXPLOITANT, magasin_lu


@click.group("publish", cls=Groupe)
def publier() -> None:
    """Publish a release elsewhere: PostgreSQL."""


@publier.command()
@click.option(
    "--dsn",
    metavar="DSN",
    help="postgresql://user@host:5432/base; by default CTG_POSTGRES. A password is best in ~/.pgpass.",
)
@click.option("--release", "release_id", metavar="ID", default="current", help="By default that in service.")
@OPTION_PERIMETRE_EXPLOITANT
@click.option(
    "--schema",
    metavar="NAME",
    help="By default marts, and marts_epci_200068229 for a scope beside the first.",
)
@click.option(
    "--lecteurs",
    metavar="ROLE",
    help=f"Role that may read, made if need be; '' for none. By default CTG_POSTGRES_LECTEURS, {LECTEURS}.",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long readers who hold the tables are waited for; by default ten minutes.",
)
@click.option("--refaire", is_flag=True, help="Load again a release that is there already.")
def postgres(
    dsn: str | None,
    release_id: str,
    perimetre: str | None,
    schema: str | None,
    lecteurs: str | None,
    patience: float | None,
    refaire: bool,
) -> None:
    """Publish a release to PostgreSQL, in the place of the former one, under its readers.

    Exit codes: 0 it is there, or was already; 1 it is not, and readers keep what they had.
    """
    if not (dsn := dsn or os.environ.get("CTG_POSTGRES")):
        raise click.UsageError("name the database: --dsn postgresql://user@host:5432/base, or CTG_POSTGRES")
    adresse = Adresse.lire(dsn)
    magasin = magasin_lu(perimetre, release_id)
    dossier = trouver(magasin, release_id)
    dite = montrer(magasin, dossier.name)
    demande = serveur.Demande(
        dossier,
        schema or schema_de(magasin, chemins().releases, dite["perimetre"]),
        role_de_lecture() if lecteurs is None else lecteurs,
        serveur.PATIENCE if patience is None else patience,
        refaire,
    )
    click.echo(serveur.publier(adresse, demande).message)
