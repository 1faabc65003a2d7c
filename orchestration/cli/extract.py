"""`ctg extract`: the figures of one territory as a workbook or a CSV (`classeurs.extraction`)."""

from collections.abc import Iterator
from pathlib import Path

import click

from publication.classeurs.extraction import FORMATS, rendre
from publication.classeurs.extraction import extraire as lire
from publication.lecture.marts import Marts

from .affichage import lieu
from .options import OPTION_PERIMETRE, OPTION_RELEASE, OPTION_REMPLACER, OPTION_SORTIE
from .remise import imprimer


@click.command("extract")
@click.argument("territoire", metavar="TERRITOIRE")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="xlsx", show_default=True)
@click.option("--theme", metavar="THEME", help="Les chiffres d'un seul thème : son identifiant ou son nom.")
@OPTION_RELEASE
@OPTION_SORTIE
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
    """Écrit les chiffres d'un territoire dans un classeur ou un CSV, toutes années, bornes et sources.

    TERRITOIRE est un nom, avec ou sans accents, un code ou un identifiant : nyons, commune:26220.
    """

    def faire(marts: Marts) -> Iterator[tuple[str, bytes]]:
        extraction = lire(marts, lieu(marts.con, territoire), theme)
        yield extraction.nom_de_fichier(format_), rendre(extraction, format_)

    imprimer(perimetre, release_id, sortie, faire, remplacer=remplacer)
