"""What the tests of the night and of its commands share."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from messages import Serveur


@pytest.fixture
def http() -> Iterator[Serveur]:
    class Recepteur(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            serveur.recus.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    serveur = Serveur(("127.0.0.1", 0), Recepteur)
    serveur.recus = []
    fil = threading.Thread(target=serveur.serve_forever)
    fil.start()
    yield serveur
    serveur.shutdown()
    serveur.server_close()
    fil.join()
