"""One request, its redirections followed where they may lead; and the hosts that a night asks no more.

Belongs here: where a request may go. Does not: how often it is tried, nor what is made of an answer.
"""

from __future__ import annotations

import ipaddress
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ingestion.erreurs import ErreurSource, Lieu

# Seconds to connect, then between two pieces of an answer.
DELAIS = (10, 45)
ENTETES = {"User-Agent": "observatoire-ctg"}
REDIRECTIONS = 10


class Muets:
    """The hosts that did not answer: each costs a night the first tries of an address or two.

    A host that cannot be reached is asked no more. A host that connects and stays silent is asked for one
    other file: a single address of it may hang. A host that answers with errors, or cuts its answers, is
    asked for each file, without retries once two files failed.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._dits: dict[str, list[str]] = {}
        self._muets: set[str] = set()
        self._pannes = Counter[str]()

    def compter(self, url: str) -> None:
        """Count one failed file of a host, however often its address was asked."""
        self._pannes[urlsplit(url).netloc] += 1

    def insister(self, url: str) -> bool:
        """Whether a failure of this host may pass if it is asked again."""
        return self._pannes[urlsplit(url).netloc] < 2

    def noter(self, url: str, dit: str, *, joint: bool) -> None:
        """Record that a host did not answer; `joint`: a connection was made."""
        hote = urlsplit(url).netloc
        dits = self._dits.setdefault(hote, [])
        dits.append(f"{dit} from {url}")
        if not joint or len(dits) > 1:
            self._muets.add(hote)

    def exiger(self, url: str, lieu: Lieu) -> None:
        """Refuse an address of a silent host before asking (`injoignable`)."""
        hote = urlsplit(url).netloc
        if hote in self._muets:
            premier = self._dits[hote][0]
            raise lieu.erreur(
                "injoignable",
                observe=f"{hote} did not answer tonight (first: {premier}): {url} was not asked for",
                attendu="a host that answers",
                que_faire="check the network, then run again; the last accepted file stays in use",
            )


class _AdressePrivee(Exception):
    """The name of a host that is not the one asked for leads inside this network."""


@contextmanager
def ouvrir(
    methode: str,
    url: str,
    lieu: Lieu,
    entetes: Mapping[str, str] = ENTETES,
    identifiants: tuple[str, str] | None = None,
) -> Iterator[requests.Response]:
    """Give the answer of an address, its body not read yet, redirections followed.

    Where a contract or a mirror says to go is its own affair. A redirection to another origin is followed to
    public addresses alone, as its name resolves when the connection is made (through a proxy, names are the
    proxy's), and never from https to http: `redirection`. Credentials are for the origin asked for.
    """
    ou = url
    with requests.Session() as session:
        for _ in range(REDIRECTIONS):
            chez_lui = _origine(ou) == _origine(url)
            for schema in ("http://", "https://"):
                session.mount(schema, HTTPAdapter() if chez_lui else _Garde())
            if not chez_lui and _est_privee(urlsplit(ou).hostname):
                raise _redirection(url, ou, "an address inside this network", lieu)
            try:
                reponse = session.request(
                    methode,
                    ou,
                    headers=entetes,
                    auth=identifiants if chez_lui else None,
                    stream=True,
                    timeout=DELAIS,
                    allow_redirects=False,
                )
            except _AdressePrivee:
                raise _redirection(url, ou, "an address inside this network", lieu) from None
            with reponse:
                if (vers := session.get_redirect_target(reponse)) is None:
                    yield reponse
                    return
            avant, ou = ou, urljoin(ou, vers)
            if urlsplit(avant).scheme == "https" and urlsplit(ou).scheme == "http":
                raise _redirection(url, ou, "http, which anybody on the way may change", lieu)
        raise requests.TooManyRedirects(f"more than {REDIRECTIONS} redirections")


def _origine(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: another port of a host may be another's."""
    lue = urlsplit(url)
    return lue.scheme, lue.hostname, lue.port or {"http": 80, "https": 443}.get(lue.scheme)


def _redirection(url: str, vers: str, quoi: str, lieu: Lieu) -> ErreurSource:
    parties = urlsplit(vers)
    return lieu.erreur(
        "redirection",
        observe=f"{url} redirects to {parties.scheme}://{parties.netloc.rpartition('@')[2]}: {quoi}",
        attendu="a file at the address asked for, or at a public one it redirects to",
        que_faire="open the address in a browser: if its producer moved the file, write the new address in"
        f" {lieu.contrat}; if a mirror moved, in CTG_MIRROR",
    )


def _est_privee(hote: str | None) -> bool:
    """Whether a host is written as an address of this network."""
    try:
        adresse = ipaddress.ip_address((hote or "").partition("%")[0])
    except ValueError:
        return False
    return not (getattr(adresse, "ipv4_mapped", None) or adresse).is_global


def _publique(prise: socket.socket) -> socket.socket:
    """Return a connection that was made, closed before a byte is sent where it leads inside this network."""
    if _est_privee(prise.getpeername()[0]):
        prise.close()
        raise _AdressePrivee
    return prise


class _Connexion(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _publique(super()._new_conn())


class _ConnexionSure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _publique(super()._new_conn())


class _Guichet(HTTPConnectionPool):
    ConnectionCls = _Connexion


class _GuichetSur(HTTPSConnectionPool):
    ConnectionCls = _ConnexionSure


class _Garde(HTTPAdapter):
    """Connects to public addresses alone."""

    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, **options)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = {"http": _Guichet, "https": _GuichetSur}
