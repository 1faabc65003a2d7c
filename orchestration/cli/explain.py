"""`ctg explain`: from a figure to the lines it comes from. What it does is in `publication.explication`."""

from functools import partial

import click

from publication import explication as parcours
from publication.lecture.fichiers import BASE
from publication.lecture.marts import ouvrir

from ..nuit import lignes, structures
from ..nuit.chemins import chemins
from .affichage import lieu
from .options import OPTION_PERIMETRE, OPTION_RELEASE, release_lue


@click.command("explain")
@click.argument("indicateur")
@click.option("--territoire", required=True, metavar="LIEU", help="Un nom, commune:26220 ou 200068229.")
@click.option("--millesime", type=int, help="L'année du chiffre (sinon la dernière qui en montre un).")
@OPTION_RELEASE
@click.option("--tout", is_flag=True, help="Toutes les communes et structures, quel qu'en soit le nombre.")
@OPTION_PERIMETRE
def explain(
    indicateur: str,
    territoire: str,
    millesime: int | None,
    release_id: str | None,
    tout: bool,
    perimetre: str | None,
) -> None:
    """D'un chiffre aux lignes des fichiers dont il vient."""
    lieux = chemins()
    lue = release_lue(perimetre, release_id)
    registre = partial(structures.chercher, lieux.structures, lue.name)
    internes = lignes.chercher(lieux.lignes_internes, lue.name)
    with ouvrir(lue / BASE) as marts:
        territoire = lieu(marts.con, territoire)
    explication = parcours.expliquer(lue, indicateur, territoire, millesime, registre, internes)
    passees = parcours.passees(lue.parent, explication)
    click.echo(parcours.rendre(explication, passees, tout=tout, zone=str(lieux.structures)))
