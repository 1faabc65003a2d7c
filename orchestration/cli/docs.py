"""`ctg docs`: the files derived from the contracts and the dictionary (`orchestration.generes`)."""

import click

from publication.releases import magasin

from ..generes import dbt, documents
from ..nuit.chemins import chemins


@click.command()
def docs() -> None:
    """Write the files generated from the contracts, the dictionary and the demonstration in service."""
    # Most of it is made of the checkout alone.
    releases = chemins(nouveau=True).releases
    release = magasin.courante(releases)
    profil = magasin.montrer(releases, release.name)["profil"] if release else None
    demonstration = release if profil == "demo" else None
    # What dbt reads comes first: a dictionary that contradicts itself is refused there, before any page.
    changes = dbt.ecrire_tout()
    pages = documents.pages()
    if demonstration:
        pages[documents.DEMONSTRATION] = documents.page_demonstration(demonstration)
    changes = [*changes, *dbt.ecrire(pages)]
    for chemin in changes:
        click.echo(str(chemin))
    click.echo(f"{len(changes)} file(s) written.")
    if demonstration is None:
        click.echo("docs/demonstration.md was left alone: no demonstration is in service (`make refresh`).")
