"""`ctg evaluation`: the evaluation of a convention as a document (`contenu.dossier`)."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click

from publication.lecture.fichiers import BASE
from publication.lecture.marts import Marts, ouvrir
from publication.portraits.contenu import composer_evaluation
from publication.portraits.formats import DE_SECTIONS, imprimer_sections

from .affichage import lieu
from .options import OPTION_PERIMETRE, OPTION_RELEASE, OPTION_REMPLACER, OPTION_SORTIE, release_lue
from .remise import imprimer


@click.command("evaluation")
@click.argument("territoire", metavar="TERRITOIRE")
@click.option("--format", "format_", type=click.Choice((*DE_SECTIONS,)), default="docx", show_default=True)
@click.option(
    "--depart",
    metavar="ID",
    help="La publication d'alors : celle de la signature, ou `ctg refresh --as-of` de ce jour-là.",
)
@OPTION_RELEASE
@OPTION_SORTIE
@OPTION_REMPLACER
@OPTION_PERIMETRE
def evaluation(
    territoire: str,
    format_: str,
    depart: str | None,
    release_id: str | None,
    sortie: Path | None,
    perimetre: str | None,
    remplacer: bool,
) -> None:
    """Imprime l'évaluation d'une convention : ses cibles, et avant et après, thème par thème.

    TERRITOIRE est celui d'une convention : ctg:baronnies-2025, ou l'EPCI de mêmes communes.
    """

    def faire(marts: Marts) -> Iterator[tuple[str, bytes]]:
        with ouvrir(release_lue(perimetre, depart) / BASE) if depart else nullcontext() as alors:
            compose = composer_evaluation(marts, lieu(marts.con, territoire), alors)
        yield imprimer_sections(compose, format_, "evaluation")

    imprimer(perimetre, release_id, sortie, faire, remplacer=remplacer)
