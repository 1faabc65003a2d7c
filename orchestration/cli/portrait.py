"""`ctg portrait`: the portrait of a territory, in the formats people open (`publication.portraits`)."""

from contextlib import nullcontext
from pathlib import Path

import click

from publication.portraits.formats import FORMATS
from publication.releases import magasin
from socle.erreurs import ErreurPublication

from ..nuit.chemins import chemins
from ..nuit.zones import ecriture

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
def portrait(
    territoire: str,
    format_: str,
    comparer: tuple[str, ...],
    depuis: int | None,
    release_id: str | None,
    sortie: Path | None,
) -> None:
    """Print the portrait of a territory: HTML, PDF, PPTX, XLSX.

    TERRITOIRE is a name, with or without accents, a code or an id: nyons, 26220, ctg:baronnies-2025.
    """
    # DuckDB and the formats are only needed here.
    from publication.portraits.contenu import Options, composer, ouvrir
    from publication.portraits.formats import nom_de_fichier, rendre
    from publication.territoires import trouver
    from socle.disque import ecriture_atomique

    lieux = chemins()
    lue = magasin.a_lire(lieux.releases, release_id)
    with ouvrir(lue / "ctg.duckdb") as lecture:
        trouve, *beside = (trouver(lecture.con, demande)[0] for demande in (territoire, *comparer))
        document = composer(lecture, trouve, Options(comparer=tuple(beside), depuis=depuis))
    dossier = sortie or lieux.portraits / lue.name
    for nom in FORMATS if format_ == TOUT else (format_,):
        fichier = dossier / nom_de_fichier(document, nom)
        contenu = rendre(document, nom)
        try:
            # What a person asks for elsewhere has the modes that person gives to files.
            with (
                nullcontext() if sortie else ecriture(lieux.home),
                ecriture_atomique(fichier, 0o666) as ouvert,
            ):
                ouvert.write(contenu)
        except OSError as erreur:
            raise ErreurPublication(
                f"{fichier} : {erreur.strerror}. Choisir un dossier où écrire, par --sortie."
            ) from erreur
        click.echo(fichier)
