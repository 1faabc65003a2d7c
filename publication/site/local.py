"""The release in service, opened on this machine alone: its site at the root, its other files beside.

Readers of a network have a web server in front of the same folder (`deploy/nginx.conf`).
"""

from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from socle.erreurs import ErreurPublication

HOTE = "127.0.0.1"
_NOMS = (HOTE, "localhost")
"""No web site reads what is served here: neither by CORS, nor under a name of its own that leads here."""

_GEOJSON = "application/geo+json"
"""What the tables of the system may not know."""

DELAI = 10
"""Seconds of silence before a connection is closed."""


class _Lecture(SimpleHTTPRequestHandler):
    """One connection."""

    server: "Local"
    protocol_version = "HTTP/1.1"
    timeout = DELAI

    def send_head(self) -> Any:
        """Send the headers of what is asked for; return its open file, None where the answer is whole."""
        if self.headers.get("Host", "").partition(":")[0].lower() not in _NOMS:
            return self._dire(HTTPStatus.MISDIRECTED_REQUEST, f"Demander par http://{HOTE}.")
        try:
            release = self.server.en_service().resolve()
        except ErreurPublication as erreur:
            return self._dire(HTTPStatus.SERVICE_UNAVAILABLE, str(erreur))
        adresse = unquote(urlsplit(self.path).path)
        fichier = trouver(release, adresse.lstrip("/"))
        if fichier is None:
            return self._dire(HTTPStatus.NOT_FOUND, f"Rien à {adresse} dans la publication {release.name}.")
        # A copy is asked about before it is used: another release may be in service.
        etiquette = f'"{release.name}"'
        connue = etiquette in self.headers.get("If-None-Match", "")
        self.send_response(HTTPStatus.NOT_MODIFIED if connue else HTTPStatus.OK)
        self.send_header("ETag", etiquette)
        self.send_header("Cache-Control", "no-cache")
        if connue:
            self.end_headers()
            return None
        type_mime = _GEOJSON if fichier.suffix == ".geojson" else self.guess_type(fichier)
        lisible = type_mime.startswith("text/") or type_mime.endswith(("json", "javascript"))
        self.send_header("Content-Type", f"{type_mime}; charset=utf-8" if lisible else type_mime)
        self.send_header("Content-Length", str(fichier.stat().st_size))
        self.end_headers()
        return fichier.open("rb")

    def _dire(self, code: HTTPStatus, texte: str) -> None:
        contenu = f"{texte}\n".encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(contenu)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(contenu)

    def log_message(self, *_: Any) -> None:
        """Print no journal: who reads what is nobody's business."""


class Local(ThreadingHTTPServer):
    """The server; `en_service` returns the folder of the release, asked for at each request."""

    daemon_threads = True

    def __init__(self, port: int, en_service: Callable[[], Path]) -> None:
        """Listen on a port of this machine; 0: a free one. Raises OSError where it is taken."""
        self.en_service = en_service
        super().__init__((HOTE, port), _Lecture)

    @property
    def adresse(self) -> str:
        """Where it answers."""
        return f"http://{HOTE}:{self.server_port}/"


def trouver(release: Path, chemin: str) -> Path | None:
    """Return the file of an address: of the site first, then of the release; a folder has its index."""
    try:
        for racine in (release / "site", release):
            for voulu in (racine / chemin, racine / chemin / "index.html", racine / chemin / "index.json"):
                if voulu.resolve().is_relative_to(release) and voulu.is_file():
                    return voulu.resolve()
    except (OSError, ValueError):
        # No file has such a name.
        return None
    return None
