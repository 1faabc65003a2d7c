"""`ctg explain`: from a figure to the lines it comes from. What it does is in `publication.explain`."""

import click

from publication import explain as parcours
from publication.releases import magasin
from socle.erreurs import ErreurPublication

from ..nuit.chemins import chemins


@click.command("explain")
@click.argument("indicateur")
@click.option("--territoire", required=True, metavar="CODE", help="26220, or epci:200068229.")
@click.option("--millesime", required=True, type=int)
@click.option("--release", "release_id", metavar="ID", help="Another release than the one in service.")
def explain(indicateur: str, territoire: str, millesime: int, release_id: str | None) -> None:
    """Walk from a figure to the lines of the files it comes from."""
    depot = chemins().releases
    lue = magasin.trouver(depot, release_id) if release_id else magasin.courante(depot)
    if lue is None:
        raise ErreurPublication(f"no release is in service under {depot}: run `ctg refresh` first")
    click.echo(parcours.rendre(parcours.expliquer(lue, indicateur, territoire, millesime)))
