"""`ctg site`: the site and the API of the release in service, on this machine (`publication.site.local`)."""

from functools import partial

import click

from publication.site.local import HOTE, Local
from socle.erreurs import ErreurPublication

from .options import OPTION_PERIMETRE, OPTION_RELEASE, release_lue


@click.command("site")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8026, show_default=True, help="0 : un port libre."
)
@OPTION_RELEASE
@OPTION_PERIMETRE
def site(port: int, release_id: str | None, perimetre: str | None) -> None:
    """Ouvre le site et l'API de la publication en service, pour cette machine seule.

    Une nouvelle publication est suivie sans relancer la commande. Arrêter : Ctrl+C. Pour d'autres machines,
    un serveur web devant le dossier de la publication : deploy/nginx.conf.
    """
    en_service = partial(release_lue, perimetre, release_id)
    en_service()
    try:
        serveur = Local(port, en_service)
    except OSError as erreur:
        raise ErreurPublication(
            f"Rien ne peut être servi sur {HOTE}:{port} ({erreur.strerror}) : choisir un autre --port."
        ) from erreur
    with serveur:
        click.echo(serveur.adresse)
        serveur.serve_forever()
