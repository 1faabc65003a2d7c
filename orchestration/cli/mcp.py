"""`ctg mcp`: an assistant asks the release in service, over the standard input (`publication.mcp`)."""

from functools import partial
from importlib.metadata import version

import click

from socle.erreurs import ErreurPublication

from .options import OPTION_PERIMETRE, OPTION_RELEASE, release_lue


@click.command("mcp")
@OPTION_RELEASE
@OPTION_PERIMETRE
def mcp(release_id: str | None, perimetre: str | None) -> None:
    """Répond aux assistants (Model Context Protocol) sur une publication.

    Un client la lance et lui parle par l'entrée et la sortie standard. Rien n'est écrit, aucune zone close
    n'est ouverte.
    """
    try:
        from publication.mcp.serveur import serveur
    except ImportError as erreur:
        raise ErreurPublication(f"Il manque {erreur.name} : pip install '.[mcp]', puis relancer.") from erreur

    en_service = partial(release_lue, perimetre, release_id)
    en_service()
    serveur(en_service, version("observatoire-ctg")).run("stdio")
