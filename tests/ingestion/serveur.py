"""A producer on loopback, for the tests that download."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Serveur:
    """A producer on loopback: `pages` and `repond` (how to answer) by path, `pannes` statuses to serve first,
    `vues` requests seen, `autorisations` what they came with, `entetes` of its own by path, `goutte` seconds
    between two bytes, `tete`: whether it serves HEAD."""

    adresse: str
    pages: dict[str, bytes] = field(default_factory=dict)
    repond: dict[str, Callable[[str], bytes]] = field(default_factory=dict)
    pannes: list[int] = field(default_factory=list)
    vues: list[tuple[str, int]] = field(default_factory=list)
    autorisations: list[str] = field(default_factory=list)
    coupe: int = 0
    entetes: dict[str, dict[str, str]] = field(default_factory=dict)
    goutte: float = 0
    tete: bool = False


@contextlib.contextmanager
def demarrer() -> Iterator[Serveur]:
    """Serve until the end of the block."""

    class Gestion(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            chemin = self.path.split("?")[0]
            corps = etat.pages.get(chemin)
            if chemin in etat.repond:
                corps = etat.repond[chemin](self.path)
            etag = f'"{hash(corps)}"'
            if etat.pannes:
                statut = etat.pannes.pop(0)
            elif corps is None:
                statut = 404
            else:
                statut = 304 if self.headers.get("If-None-Match") == etag else 200
            etat.vues.append((self.path, statut))
            if autorisation := self.headers.get("Authorization"):
                etat.autorisations.append(autorisation)
            self.send_response(statut)
            envoi = corps if statut == 200 and corps is not None else b""
            entetes = {"Content-Length": str(len(envoi)), "ETag": etag} | etat.entetes.get(chemin, {})
            for nom, valeur in entetes.items():
                self.send_header(nom, valeur)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                while etat.goutte and envoi:
                    self.wfile.write(envoi[:1])
                    self.wfile.flush()
                    envoi = envoi[1:]
                    time.sleep(etat.goutte)
            if etat.coupe and envoi:
                etat.coupe -= 1
                envoi = envoi[: len(envoi) // 2]
            # A client may leave before the end.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(envoi)

        def do_HEAD(self) -> None:
            corps = etat.pages.get(self.path)
            self.send_response((404 if corps is None else 200) if etat.tete else 501)
            self.send_header("Content-Length", str(len(corps or b"")))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Gestion)
    etat = Serveur(f"http://127.0.0.1:{httpd.server_port}")
    fil = threading.Thread(target=httpd.serve_forever, daemon=True)
    fil.start()
    yield etat
    httpd.shutdown()
    httpd.server_close()
    fil.join()
