"""Alerts as they are received: a server on loopback, a home that sends there, summaries of runs."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from orchestration.nuit.chemins import Chemins

HIER = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
DIFFUSIONS = {"insee_filosofi": "publique", "caf_accueil": "interne"}
REFUS = {
    **{"code": "colonne_manquante", "source": "insee_filosofi", "ressource": "epci", "millesime": 2019},
    **{"titre": "[colonne_manquante] a column of the contract is missing", "observe": "no column MED19"},
    **{"lieu": "millésime 2019, file a.csv", "attendu": "MED19", "que_faire": "add a layout"},
}
INTERNE = REFUS | {
    **{"source": "caf_accueil", "ressource": "lieux", "observe": "line 3: 'Mme Martin'"},
    "lieu": "millésime 2019, file martin.csv",
}


@contextmanager
def serveur_de_mail() -> Iterator[tuple["Boite", int]]:
    """A mail server on loopback: what it receives, and its port."""
    boite = Boite()
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    serveur = Controller(boite, hostname="127.0.0.1", port=port)
    serveur.start()
    try:
        yield boite, port
    finally:
        serveur.stop()


class Boite(Message):
    """A mailbox on loopback."""

    def __init__(self) -> None:
        super().__init__()
        self.recus: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.recus.append(message)


class Webhook(ThreadingHTTPServer):
    recus: list[dict[str, Any]]

    @property
    def adresse(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/ctg"


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A webhook on loopback, until the end of the block."""

    class Recepteur(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            serveur.recus.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    serveur = Webhook(("127.0.0.1", 0), Recepteur)
    serveur.recus = []
    fil = threading.Thread(target=serveur.serve_forever)
    fil.start()
    try:
        yield serveur
    finally:
        serveur.shutdown()
        serveur.server_close()
        fil.join()


def envoyer_a(home: Path, *adresses: str, **reste: object) -> Chemins:
    home.mkdir(mode=0o711, exist_ok=True)
    chemins = Chemins(home)
    chemins.alertes.touch(mode=0o600)
    # JSON is YAML.
    chemins.alertes.write_text(json.dumps({"destinations": list(adresses), **reste}))
    return chemins


def nuit(*refus: dict[str, Any], etat: str = "inchangee", **reste: object) -> dict[str, Any]:
    """A night that asked every source, and lacked no file of it."""
    demandees = {"demandees": list(DIFFUSIONS), "absents": []}
    return {
        "etat": etat,
        "refus": list(refus),
        "release_id": "20261125T030000Z-abcdef01",
        **demandees,
        **reste,
    }
