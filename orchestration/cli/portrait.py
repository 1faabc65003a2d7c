"""`ctg portrait`: the portrait of a territory, in the formats people open (`publication.portraits`)."""

from pathlib import Path

import click

from publication.commun.marts import ouvrir
from publication.commun.territoires import trouver
from publication.portraits.contenu import Options, composer
from publication.portraits.formats import FORMATS, nom_de_fichier, rendre
from publication.releases import magasin

from ..nuit.chemins import chemins
from .options import OPTION_PERIMETRE, magasin_lu
from .remise import remettre

TOUT = "tout"


@click.command("portrait")
@click.argument("territoire", metavar="TERRITOIRE")
@click.option("--format", "format_", type=click.Choice((*FORMATS, TOUT)), default="html", show_default=True)
@click.option(
    "--comparer", multiple=True, metavar="PLACE", help="Another territory to set beside; repeatable."
)
@click.option("--depuis", type=int, metavar="ANNEE", help="Base year of evolutions (that of the convention).")
@click.option("--release", "release_id", metavar="ID", help="Another release than the one in service.")
@click.option(
    "--sortie",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the files go (CTG_HOME/portraits/<release>).",
)
@OPTION_PERIMETRE
def portrait(
    territoire: str,
    format_: str,
    comparer: tuple[str, ...],
    depuis: int | None,
    release_id: str | None,
    sortie: Path | None,
    perimetre: str | None,
) -> None:
    """Print the portrait of a territory: HTML, PDF, PPTX, XLSX.

    TERRITOIRE is a name, with or without accents, a code or an id: nyons, 26220, ctg:baronnies-2025.
    """
    lieux = chemins()
    lue = magasin.a_lire(magasin_lu(perimetre, release_id), release_id)
    with ouvrir(lue / "ctg.duckdb") as marts:
        trouve, *beside = (trouver(marts.con, demande)[0] for demande in (territoire, *comparer))
        document = composer(marts, trouve, Options(comparer=tuple(beside), depuis=depuis))
    dossier = sortie or lieux.portraits / lue.name
    for nom in FORMATS if format_ == TOUT else (format_,):
        fichier = dossier / nom_de_fichier(document, nom)
        remettre(fichier, rendre(document, nom), "dossier", None if sortie else lieux.home)
        click.echo(fichier)
