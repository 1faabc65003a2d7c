"""`ctg extraire`: the figures of one territory as a workbook or a CSV (`classeurs.extraction`)."""

from collections.abc import Iterator
from pathlib import Path

import click

from publication.classeurs.extraction import FORMATS, rendre
from publication.classeurs.extraction import extraire as lire
from publication.commun.marts import Marts
from publication.commun.territoires import trouver

from .options import OPTION_PERIMETRE, OPTION_REMPLACER
from .remise import imprimer


@click.command("extraire")
@click.argument("territoire", metavar="TERRITOIRE")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="xlsx", show_default=True)
@click.option("--theme", metavar="THEME", help="The figures of one theme: its id or its name.")
@click.option("--release", "release_id", metavar="ID", help="Another release than the one in service.")
@click.option(
    "--sortie",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the file goes (CTG_HOME/portraits/<release>).",
)
@OPTION_PERIMETRE
@OPTION_REMPLACER
def extraire(
    territoire: str,
    format_: str,
    theme: str | None,
    release_id: str | None,
    sortie: Path | None,
    perimetre: str | None,
    remplacer: bool,
) -> None:
    """Write the figures of a territory to a workbook or a CSV: all years, bounds, comparators, sources.

    TERRITOIRE is a name, with or without accents, a code or an id: nyons, 26220, ctg:baronnies-2025.
    """

    def faire(marts: Marts) -> Iterator[tuple[str, bytes]]:
        extraction = lire(marts, trouver(marts.con, territoire)[0], theme)
        yield extraction.nom_de_fichier(format_), rendre(extraction, format_)

    imprimer(perimetre, release_id, sortie, faire, remplacer=remplacer)
