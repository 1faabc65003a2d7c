"""`ctg mcp`: an assistant asks the release in service, over the standard input (`publication.mcp`)."""

from importlib.metadata import version
from pathlib import Path

import click

from publication.releases import magasin
from socle.erreurs import ErreurPublication

from .options import magasin_lu


@click.command("mcp")
@click.option("--release", "release_id", metavar="ID", help="Une publication, au lieu de celle en service.")
@click.option("--perimetre", metavar="PERIMETRE", help="Le périmètre lu, si CTG_HOME en publie plusieurs.")
def mcp(release_id: str | None, perimetre: str | None) -> None:
    """Répond aux assistants (Model Context Protocol) sur une publication.

    Un client la lance et lui parle par l'entrée et la sortie standard. Rien n'est écrit, aucune zone close
    n'est ouverte.
    """
    try:
        from publication.mcp.serveur import serveur
    except ImportError as erreur:
        raise ErreurPublication(f"Il manque {erreur.name} : pip install '.[mcp]', puis relancer.") from erreur

    def en_service() -> Path:
        return magasin.a_lire(magasin_lu(perimetre, release_id), release_id)

    en_service()
    serveur(en_service, version("observatoire-ctg")).run("stdio")
