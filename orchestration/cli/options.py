"""Options that several commands take."""

from pathlib import Path

import click

from publication.releases.magasin import a_lire
from publication.releases.perimetres import contenant, du_perimetre

from ..nuit.chemins import chemins
from ..nuit.reglages import PROFILS

OPTION_PROFIL = click.option("--profile", type=click.Choice(list(PROFILS)), help="Where the files come from.")

OPTION_MIROIR = click.option(
    "--mirror", metavar="DIR_OR_URL", help="Folder or address laid out by producer (profile mirror)."
)

OPTION_PERIMETRE_EXPLOITANT = click.option(
    "--perimetre",
    metavar="SCOPE",
    help="Scope of the release, where CTG_HOME publishes several (that of releases/current).",
)

# Those of commands for readers of figures, in French.
OPTION_PERIMETRE = click.option(
    "--perimetre",
    metavar="PERIMETRE",
    help="Périmètre de la publication, si CTG_HOME en publie plusieurs (sinon celui de releases/current).",
)

OPTION_RELEASE = click.option(
    "--release", "release_id", metavar="ID", help="Une autre publication que celle en service."
)

OPTION_SORTIE = click.option(
    "--sortie",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DOSSIER",
    help="Où écrire (sinon dans CTG_HOME/portraits/<publication>).",
)

OPTION_REMPLACER = click.option("--remplacer", is_flag=True, help="Écrase un fichier déjà là et différent.")


def magasin_lu(perimetre: str | None, release_id: str | None = None, *, en_francais: bool = False) -> Path:
    """The store to read: that of a scope, else that of a release, else the first."""
    releases = chemins().releases
    if perimetre:
        return du_perimetre(releases, perimetre, en_francais)
    return contenant(releases, release_id or "current")


def release_lue(perimetre: str | None, release_id: str | None) -> Path:
    """The release to read: the one asked for, else the one in service; errors are in French."""
    return a_lire(magasin_lu(perimetre, release_id, en_francais=True), release_id)
