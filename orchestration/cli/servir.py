"""`ctg servir`: the API and the site of the release in service, over HTTP (`publication.api.service`)."""

import socket
from functools import partial

import click

from socle.erreurs import ErreurPublication

from .options import OPTION_PERIMETRE, OPTION_RELEASE, release_lue


@click.command("servir")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8026, show_default=True, help="0 : un port libre."
)
@click.option(
    "--hote",
    default="127.0.0.1",
    show_default=True,
    metavar="ADRESSE",
    help="Où écouter : la machine seule, sauf si l'on en dit une autre.",
)
@OPTION_RELEASE
@OPTION_PERIMETRE
def servir(port: int, hote: str, release_id: str | None, perimetre: str | None) -> None:
    """Sert l'API et le site de la publication en service, en lecture seule.

    Une nouvelle publication est suivie sans relancer la commande. Arrêter : Ctrl+C.
    """
    try:
        from publication.api.ecoute import serveur
        from publication.api.service import application
    except ImportError as erreur:
        raise ErreurPublication(
            f"Il manque {erreur.name} : pip install '.[servir]', puis relancer."
        ) from erreur

    en_service = partial(release_lue, perimetre, release_id)
    en_service()
    with socket.socket() as ecoute:
        ecoute.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ecoute.bind((hote, port))
        except OSError as erreur:
            raise ErreurPublication(
                f"Rien ne peut être servi sur {hote}:{port} ({erreur.strerror}) : choisir un autre --port."
            ) from erreur
        # Whoever reads the address may ask at once: they wait for their turn.
        ecoute.listen()
        click.echo(f"http://{hote}:{ecoute.getsockname()[1]}/")
        serveur(application(en_service, hote)).run(sockets=[ecoute])
