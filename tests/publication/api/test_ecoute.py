"""`ctg servir` on its socket: whoever asks nothing, or very much, keeps no reader waiting."""

import contextlib
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from publication.api import ecoute, service
from publication.api.service import application

CHIFFRES = "/api/v1/chiffres?par_page=1000"
MOITIE = b"GET /MANIFEST.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def port(release: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as prise:
        serveur = ecoute.serveur(application(lambda: release))
        fil = threading.Thread(target=serveur.run, kwargs={"sockets": [prise]})
        fil.start()
        while not serveur.started:
            time.sleep(0.01)
        yield prise.getsockname()[1]
        serveur.should_exit = True
        fil.join()


def lire(port: int, adresse: str = "/MANIFEST.json") -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}{adresse}", timeout=10) as reponse:
            reponse.read()
            return int(reponse.status)
    except HTTPError as refus:
        return refus.code


@pytest.fixture
def peu_de_descripteurs() -> Iterator[None]:
    """As many as both ends of this process need where the server keeps to its places."""
    avant = resource.getrlimit(resource.RLIMIT_NOFILE)
    ouverts = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (ouverts + 4 * ecoute.CONNEXIONS + 50, avant[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, avant)


@pytest.mark.usefixtures("peu_de_descripteurs")
def test_more_half_requests_than_it_has_places_keep_no_reader_out(port: int) -> None:
    with contextlib.ExitStack() as pile:
        for _ in range(3 * ecoute.CONNEXIONS):
            pile.enter_context(socket.create_connection(("127.0.0.1", port))).send(MOITIE)
        debut = time.monotonic()
        assert [lire(port) for _ in range(5)] == [200] * 5
        assert time.monotonic() - debut < ecoute.DELAI / 2


@pytest.mark.parametrize("dit", [b"", MOITIE, MOITIE + b"Content-Length: 9\r\n\r\nx"])
def test_a_connection_that_asks_nothing_whole_is_closed(
    port: int, dit: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ecoute, "DELAI", 0.3)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as prise:
        prise.sendall(dit)
        lu = b""
        while recu := prise.recv(65_536):
            lu += recu
    assert lu.startswith(b"HTTP/1.1 200") == dit.endswith(b"x")


def test_demands_that_wait_hold_up_no_file_and_are_bounded(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer = threading.Event()

    def lent(*_: object) -> None:
        passer.wait()
        raise service._Refus(404, "x", "y")

    monkeypatch.setattr(service, "page", lent)
    codes: list[int] = []
    fils = [threading.Thread(target=lambda: codes.append(lire(port, CHIFFRES))) for _ in range(60)]
    try:
        for fil in fils:
            fil.start()
        debut = time.monotonic()
        while codes.count(503) < 60 - service.ATTENTES - 1:
            assert time.monotonic() - debut < 10, codes
            time.sleep(0.05)
        assert lire(port) == 200
    finally:
        passer.set()
        for fil in fils:
            fil.join()
    assert codes.count(404) == service.ATTENTES + 1
