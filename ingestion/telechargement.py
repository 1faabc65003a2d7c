"""Files over HTTP: the producers' addresses and served mirrors; conditional, insistent, bounded.

A password in an address is taken out first: no error, journal nor sidecar ever holds it.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import unquote, urlsplit

import requests
import tenacity
import urllib3
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ingestion.contrats.exigences import Limites
from ingestion.erreurs import HorsDAtteinte, Lieu
from ingestion.landing import Provenance
from ingestion.recu import BLOC, Origine, Recu, ecrire_blocs, nom_sur
from ingestion.reseau import ENTETES, Muets, ouvrir
from socle.adresse import separer

logger = logging.getLogger(__name__)

# Seconds for a whole file; bytes a second after the first minute, for a server that gives a byte a minute is
# never silent.
DUREE_MAX = 3600
DEBIT_MIN, DUREE_JUGEE = 2_000, 60
JSON_MAX = 64 * 1024**2
# A silent host already cost its time-out: it is asked once more, not three times.
ESSAIS, ESSAIS_MUET = 4, 2
# Answers of servers that do not serve HEAD.
SANS_HEAD = (400, 403, 405, 501)
ATTENTE = tenacity.wait_exponential(multiplier=1, max=30)

T = TypeVar("T")


def telecharger(
    url: str,
    dossier: Path,
    lieu: Lieu,
    *,
    origine: Origine,
    nom: str,
    precedent: Provenance | None = None,
    facultatif: bool = False,
    taille_max: int = Limites().octets,
    muets: Muets | None = None,
) -> Recu | Literal["inchange", "absent"]:
    """Download into `dossier`, asking only for what changed since the file of `precedent`.

    Transient failures (connection, time-out, 429, 5xx) are tried again, others never. Returns `inchange` on
    304, `absent` on 404 when the file is `facultatif`. `muets`: the hosts that did not answer, which are not
    asked. Raises `ErreurSource`: `injoignable`, `statut_http`, `redirection`, `trop_gros`, `trop_lent`.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url}: only http and https addresses are fetched")
    url, identifiants = separer(url)
    entetes = dict(ENTETES)
    if precedent and precedent.adresse == url:
        if precedent.etag:
            entetes["If-None-Match"] = precedent.etag
        if precedent.last_modified:
            entetes["If-Modified-Since"] = precedent.last_modified

    def essayer() -> Recu | Literal["inchange", "absent"]:
        with ouvrir("GET", url, lieu, entetes, identifiants) as reponse:
            if reponse.status_code == 304:
                return "inchange"
            if reponse.status_code == 404 and facultatif:
                return "absent"
            reponse.raise_for_status()
            longueur = reponse.headers.get("Content-Length", "")
            annonce = int(longueur) if longueur.isdecimal() else 0
            logger.info("receiving %s, %s bytes", url, annonce or "an unknown number of")
            blocs = _borner(_recevoir(reponse), taille_max, url, lieu)
            cible = dossier / "recu"
            with _barre(nom, annonce) as avancer:
                sha256, octets = ecrire_blocs(blocs, cible, avancer)
            reperes = (reponse.headers.get("ETag"), reponse.headers.get("Last-Modified"))
            return Recu(cible, nom_sur(nom), origine, url, sha256, octets, *reperes)

    return _insister(essayer, url, lieu, muets)


def interroger(url: str, lieu: Lieu, muets: Muets | None = None) -> Mapping[str, str]:
    """Return the headers of an address without its body. Raises `injoignable`, `statut_http`."""
    url, identifiants = separer(url)

    def essayer() -> Mapping[str, str]:
        with ouvrir("HEAD", url, lieu, identifiants=identifiants) as reponse:
            if reponse.status_code not in SANS_HEAD:
                reponse.raise_for_status()
                return reponse.headers
        with ouvrir("GET", url, lieu, identifiants=identifiants) as reponse:
            reponse.raise_for_status()
            return reponse.headers

    return _insister(essayer, url, lieu, muets)


def lire_octets(url: str, lieu: Lieu, muets: Muets | None = None) -> bytes:
    """Read a short answer, as insistently as a file. Raises `ErreurSource` as `telecharger` does."""
    url, identifiants = separer(url)

    def essayer() -> bytes:
        with ouvrir("GET", url, lieu, identifiants=identifiants) as reponse:
            reponse.raise_for_status()
            return b"".join(_borner(_recevoir(reponse), JSON_MAX, url, lieu))

    return _insister(essayer, url, lieu, muets)


def _insister(essayer: Callable[[], T], url: str, lieu: Lieu, muets: Muets | None) -> T:
    muets = muets or Muets()
    muets.exiger(url, lieu)
    essais = ESSAIS if muets.insister(url) else 1
    reprises = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_passagere),
        stop=lambda etat: _assez(etat, essais),
        wait=ATTENTE,
        before_sleep=tenacity.before_sleep_log(logger, logging.WARNING),
        reraise=True,
    )
    try:
        return reprises(essayer)
    except requests.HTTPError as e:
        statut = e.response.status_code
        if _passagere(e):
            muets.compter(url)
        raise lieu.erreur(
            "statut_http",
            observe=f"HTTP {statut} from {url}",
            attendu="HTTP 200",
            que_faire="try again later"
            if _passagere(e)
            else f"look for the new address on the producer's page, and change it in {lieu.contrat}",
        ) from e
    except HorsDAtteinte:
        muets.noter(url, "too few bytes", joint=True)
        raise
    except requests.RequestException as e:
        if isinstance(e, _Coupee):
            muets.compter(url)
        elif _passagere(e):
            # urllib3 raises this error only where no connection could be made.
            joint = not isinstance(e.args[0], urllib3.exceptions.MaxRetryError)
            muets.noter(url, type(e).__name__, joint=joint)
        faits = reprises.statistics["attempt_number"]
        raise lieu.erreur(
            "injoignable",
            observe=f"{type(e).__name__} from {url}: {e}",
            attendu=f"an answer within {faits} tries",
            que_faire="check the network, then run again; the last accepted file stays in use",
        ) from e


def nom_url(url: str, defaut: str) -> str:
    """File name that an address suggests, else `defaut`."""
    nom = unquote(urlsplit(url).path.rsplit("/", 1)[-1])
    return nom if "." in nom else defaut


def _recevoir(reponse: requests.Response) -> Iterator[bytes]:
    """Yield the body as it comes: `iter_content` waits for whole blocks, however slowly they fill."""
    try:
        while bloc := reponse.raw.read1(BLOC, decode_content=True):
            yield bloc
    except urllib3.exceptions.ReadTimeoutError as e:
        raise requests.ReadTimeout(e) from e
    except urllib3.exceptions.HTTPError as e:
        raise _Coupee(e) from e


def _borner(blocs: Iterable[bytes], taille_max: int, url: str, lieu: Lieu) -> Iterable[bytes]:
    lus, debut = 0, time.monotonic()
    for bloc in blocs:
        lus += len(bloc)
        duree = time.monotonic() - debut
        if duree > DUREE_MAX or (duree > DUREE_JUGEE and lus < DEBIT_MIN * duree):
            raise lieu.erreur(
                "trop_lent",
                observe=f"{lus} bytes in {duree:.0f} s from {url}",
                attendu=f"the whole file within {DUREE_MAX} s, and {DEBIT_MIN} bytes each of them",
                que_faire="run again later, or download it by other means and drop it in the depot; the last "
                "accepted file stays in use",
            )
        if lus > taille_max:
            raise lieu.erreur(
                "trop_gros",
                observe=f"more than {taille_max} bytes from {url}",
                attendu=f"at most {taille_max} bytes",
                que_faire="check the address; if the file is the right one, raise `octets` under the"
                f" `limites` of its ressource in {lieu.contrat}",
            )
        yield bloc


class _Coupee(requests.ConnectionError):
    """The host answered, then cut the body on its way."""


def _assez(etat: tenacity.RetryCallState, essais: int) -> bool:
    """Whether an address was tried enough: so often, less if its host says nothing."""
    assert etat.outcome
    muet = isinstance(etat.outcome.exception(), requests.Timeout)
    return etat.attempt_number >= (min(ESSAIS_MUET, essais) if muet else essais)


def _passagere(e: BaseException) -> bool:
    if isinstance(e, requests.HTTPError):
        return e.response.status_code == 429 or e.response.status_code >= 500
    return isinstance(e, requests.ConnectionError | requests.Timeout)


@contextmanager
def _barre(nom: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal, for files large enough to wait for; yield what makes it advance."""
    colonnes = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    # Several bars at once would write over each other.
    a_cote = threading.current_thread() is not threading.main_thread()
    muette = a_cote or not sys.stderr.isatty() or 0 < total < BLOC
    with Progress(*colonnes, console=Console(stderr=True), disable=muette, transient=True) as progres:
        tache = progres.add_task(nom, total=total or None)
        yield lambda octets: progres.advance(tache, octets)
