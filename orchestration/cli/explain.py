"""`ctg explain`: from a figure to the lines it comes from. What it does is in `publication.explain`."""

from functools import partial
from pathlib import Path

import click

from publication.releases import magasin
from socle.erreurs import ErreurPublication

from ..nuit.chemins import chemins


@click.command("explain")
@click.argument("indicateur")
@click.option("--territoire", required=True, metavar="PLACE", help="A name, 26220, or epci:200068229.")
@click.option("--millesime", required=True, type=int)
@click.option("--release", "release_id", metavar="ID", help="Another release than the one in service.")
@click.option("--tout", is_flag=True, help="Every commune and structure, however many.")
def explain(indicateur: str, territoire: str, millesime: int, release_id: str | None, tout: bool) -> None:
    """Walk from a figure to the lines of the files it comes from."""
    # DuckDB and Parquet are only needed here.
    from publication import explain as parcours

    from ..nuit import structures

    lieux = chemins()
    lue = _release(lieux.releases, release_id)
    registre = partial(structures.chercher, lieux.structures, lue.name)
    explication = parcours.expliquer(lue, indicateur, territoire, millesime, registre)
    passees = parcours.passees(lieux.releases, explication)
    click.echo(parcours.rendre(explication, passees, tout=tout, zone=str(lieux.structures)))


def _release(depot: Path, release_id: str | None) -> Path:
    """The release to read, resolved; in French when there is none, as all the rest."""
    if release_id is None:
        if (lue := magasin.courante(depot)) is not None:
            return lue
        raise ErreurPublication(
            f"Aucune publication en service sous {depot} : lancer d'abord une nuit (`ctg refresh`)."
        )
    connues = [dossier.name for dossier in magasin.completes(depot)]
    if release_id not in ("current", *connues):
        raise ErreurPublication(
            f"Aucune publication {release_id!r} sous {depot}. Les dernières :"
            f" {', '.join(connues[:5]) or 'aucune'} (`ctg releases list`)."
        )
    return magasin.trouver(depot, release_id).resolve()
