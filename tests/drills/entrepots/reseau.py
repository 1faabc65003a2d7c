"""A mirror served over HTTP, in every way in which a server fails.

Belongs here: the server, in a process of its own. Does not: what a night makes of it.
"""

import os
import signal
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

Repondre = Callable[[BaseHTTPRequestHandler, bytes | None], None]
"""Answer a request, whose file has these bytes, None where there is no such file."""


def _envoyer(requete: BaseHTTPRequestHandler, statut: int, corps: bytes, annonce: int | None = None) -> None:
    requete.send_response(statut)
    requete.send_header("Content-Length", str(len(corps) if annonce is None else annonce))
    requete.end_headers()
    requete.wfile.write(corps)


def _couper(requete: BaseHTTPRequestHandler, octets: bytes | None) -> None:
    entier = octets or b""
    _envoyer(requete, 200 if octets else 404, entier[: len(entier) // 2], len(entier))


def _se_taire(requete: BaseHTTPRequestHandler, octets: bytes | None) -> None:
    time.sleep(3600)


def _renvoyer(requete: BaseHTTPRequestHandler, octets: bytes | None) -> None:
    requete.send_response(302)
    requete.send_header("Location", "http://169.254.169.254/latest/meta-data/")
    requete.end_headers()


REPONSES: dict[str, Repondre] = {
    "answers 500": lambda requete, _: _envoyer(requete, 500, b"internal error"),
    "answers 403": lambda requete, _: _envoyer(requete, 403, b"forbidden"),
    "has nothing": lambda requete, _: _envoyer(requete, 404, b""),
    "serves a page": lambda requete, _: _envoyer(requete, 200, b"<html><body>maintenance</body></html>"),
    "serves empty files": lambda requete, _: _envoyer(requete, 200, b""),
    "cuts files": _couper,
    "says nothing": _se_taire,
    "sends to a private address": _renvoyer,
}


def servir(dossier: Path, repondre: Repondre) -> tuple[str, Callable[[], None]]:
    """Serve a folder; return its address, and what stops it."""
    ecoute = socket.create_server(("127.0.0.1", 0))

    class Requete(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fichier = dossier / unquote(self.path).lstrip("/")
            repondre(self, fichier.read_bytes() if fichier.is_file() else None)

        def log_message(self, *_: object) -> None: ...

    if not (pid := os.fork()):
        serveur = ThreadingHTTPServer(("127.0.0.1", 0), Requete, bind_and_activate=False)
        serveur.socket = ecoute
        serveur.serve_forever()
    adresse = f"http://127.0.0.1:{ecoute.getsockname()[1]}"
    ecoute.close()

    def arreter() -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    return adresse, arreter
