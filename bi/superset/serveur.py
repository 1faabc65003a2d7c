"""PostgreSQL and Superset on loopback, for one person on one machine: what `make bi` starts and ends.

All is under `<CTG_HOME>/bi`, closed to other accounts, and made again when it is removed.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import requests

from bi import postgres
from bi.superset.acces import Superset
from bi.superset.paquet import paquet
from bi.superset.tableau import ADRESSE
from publication.releases.magasin import courante
from socle.disque import DOSSIER_CLOS, ecrire_json, masque_prive, verrou
from socle.erreurs import ErreurPublication
from socle.sql import texte_sql

PORT = 8088
"""That of Superset, where it is free or CTG_BI_PORT names no other."""

COMPTE = "ctg"
LECTEURS = "ctg_lecture"
_ICI = Path(__file__).parent
_MOT_MASQUE = "XXXXXXXXXX"
"""What Superset reads as "there is a password, given apart"."""
_PRET_DANS = 300.0
_ROLES = ("postgres", "ctg_publication", "superset", "superset_lecture")
_MARTS = "observatoire"


@dataclass(frozen=True)
class Adresses:
    """What a person types, and what a test asks."""

    page: str
    superset: str
    compte: str
    mot_de_passe: str
    dsn: str


@dataclass(frozen=True)
class Place:
    """The folder of the servers, beside `releases/`, and the interpreter of Superset."""

    home: Path
    python: Path

    @property
    def dossier(self) -> Path:
        """Closed to other accounts."""
        return self.home / "bi"

    @property
    def reglages(self) -> Path:
        """What was drawn at the first start."""
        return self.dossier / "reglages.json"

    @property
    def journal(self) -> Path:
        """What Superset says."""
        return self.dossier / "superset.log"


@contextmanager
def en_marche(place: Place, dire: Callable[[str], None]) -> Iterator[Adresses]:
    """Run both servers on the release in service, the dashboard in them, until the end.

    Raises ErreurPublication where something is missing, or another one runs in the same folder.
    """
    if courante(place.home / "releases") is None:
        raise ErreurPublication(
            f"No release is in service under {place.home}: there is nothing to show. Next: `make refresh`"
            " for the demonstration, or name another CTG_HOME."
        )
    with masque_prive():
        _fermer(place.dossier)
        occupe = (
            f"Another `make bi` runs on {place.home}. Next: use the address that it printed, or end it there."
        )
        with verrou(place.dossier / ".verrou", occupe, ErreurPublication):
            reglages = _reglages(place)
            cluster = place.dossier / "postgres"
            if not (cluster / "PG_VERSION").exists():
                dire("PostgreSQL: a cluster is made")
                postgres.creer(cluster, reglages["roles"]["postgres"])
            with postgres.en_marche(cluster, reglages["port_postgres"]):
                _roles_et_bases(reglages)
                publier(place.home, dsn(reglages, "ctg_publication"), reglages["roles"]["ctg_publication"])
                dire("PostgreSQL: the release in service is there")
                if not reglages.get("prepare"):
                    dire("Superset: its own database is made (a minute)")
                    _preparer(place)
                    reglages = _garder(place, reglages | {"prepare": True})
                with _superset(place, reglages["port_superset"]):
                    superset = f"http://127.0.0.1:{reglages['port_superset']}"
                    _importer(place, reglages, superset, dire)
                    yield Adresses(
                        f"{superset}/superset/dashboard/{ADRESSE}/",
                        superset,
                        reglages["compte"],
                        reglages["mot_de_passe"],
                        dsn(reglages, "ctg_publication"),
                    )


def publier(home: Path, adresse: str, mot_de_passe: str) -> None:
    """Publish the release in service to PostgreSQL, as a person would. Raises ErreurPublication."""
    ctg = Path(sys.executable).with_name("ctg")
    fait = subprocess.run(
        [ctg, "publish", "postgres", "--dsn", adresse, "--lecteurs", LECTEURS],
        env=os.environ | {"CTG_HOME": str(home), "PGPASSWORD": mot_de_passe},
        capture_output=True,
        text=True,
        check=False,
    )
    if fait.returncode:
        raise ErreurPublication(f"ctg publish postgres: {fait.stderr.strip()}")


def dsn(reglages: dict[str, Any], role: str, base: str = _MARTS) -> str:
    """The address of a base, without a password."""
    return f"postgresql://{role}@127.0.0.1:{reglages['port_postgres']}/{base}"


def _fermer(dossier: Path) -> None:
    """Make the folder, closed; for root it belongs to the account of PostgreSQL, which crosses it."""
    dossier.mkdir(parents=True, exist_ok=True)
    dossier.chmod(DOSSIER_CLOS)
    if qui := postgres.compte():
        shutil.chown(dossier, qui)


def _reglages(place: Place) -> dict[str, Any]:
    """What was drawn at the first start; ports that were taken since are drawn again."""
    lus = json.loads(place.reglages.read_bytes()) if place.reglages.exists() else {}
    demande = os.environ.get("CTG_BI_PORT")
    if demande and not demande.isdigit():
        raise ErreurPublication(f"CTG_BI_PORT is {demande!r}; expected a number, such as {PORT}.")
    port = int(demande or lus.get("port_superset", PORT))
    if not _libre(port):
        raise ErreurPublication(
            f"127.0.0.1:{port} is taken by another program. Next: end it (a `make bi` that was killed leaves"
            " its Superset behind), or choose another port: CTG_BI_PORT=8089 make bi."
        )
    reglages = {
        "compte": COMPTE,
        "mot_de_passe": secrets.token_urlsafe(12),
        "cle_superset": secrets.token_urlsafe(48),
        "cle_invites": secrets.token_urlsafe(48),
        "roles": {role: secrets.token_urlsafe(24) for role in _ROLES},
    } | lus
    reglages["port_superset"] = port
    if not (ancien := lus.get("port_postgres")) or not _libre(ancien):
        reglages["port_postgres"] = port_libre()
    compte = f"superset:{reglages['roles']['superset']}"
    reglages["base_superset"] = (
        f"postgresql+psycopg2://{compte}@127.0.0.1:{reglages['port_postgres']}/superset"
    )
    return _garder(place, reglages)


def _garder(place: Place, reglages: dict[str, Any]) -> dict[str, Any]:
    ecrire_json(place.reglages, reglages)
    return reglages


def _libre(port: int) -> bool:
    with socket.socket() as prise:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port_libre() -> int:
    """A port of loopback that no program has."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def _roles_et_bases(reglages: dict[str, Any]) -> None:
    """Make what is missing: who publishes, who reads and no more, and where Superset keeps its own."""
    roles = reglages["roles"]
    adresse = dsn(reglages, "postgres", "postgres")
    with psycopg.connect(adresse, password=roles["postgres"], autocommit=True) as con:

        def executer(requete: str) -> None:
            con.execute(requete.encode())

        presents = {nom for (nom,) in con.execute("select rolname from pg_roles").fetchall()}
        bases = {nom for (nom,) in con.execute("select datname from pg_database").fetchall()}
        if LECTEURS not in presents:
            executer(f"create role {LECTEURS} nologin")
        for role in _ROLES[1:]:
            verbe = "alter" if role in presents else "create"
            executer(f"{verbe} role {role} login password {texte_sql(roles[role])}")
        executer(f"grant {LECTEURS} to superset_lecture")
        executer("alter role superset_lecture set default_transaction_read_only = on")
        executer("alter role superset_lecture set idle_in_transaction_session_timeout = '5min'")
        for base, maitre in ((_MARTS, "ctg_publication"), ("superset", "superset")):
            if base not in bases:
                executer(f"create database {base} owner {maitre}")
                executer(f"revoke connect, temporary on database {base} from public")
        executer(f"grant connect on database {_MARTS} to {LECTEURS}")


def _environnement(place: Place) -> dict[str, str]:
    maison = place.dossier / "superset"
    maison.mkdir(exist_ok=True)
    return os.environ | {
        "CTG_BI_REGLAGES": str(place.reglages),
        "SUPERSET_CONFIG_PATH": str(_ICI / "superset_config.py"),
        "SUPERSET_HOME": str(maison),
        "PYTHONUNBUFFERED": "1",
    }


def _preparer(place: Place) -> None:
    with place.journal.open("w") as journal:
        fait = subprocess.run(
            [place.python, _ICI / "preparer.py"],
            env=_environnement(place),
            stdout=journal,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if fait.returncode:
        raise ErreurPublication(f"Superset could not make its own database. {_voir(place)}")


@contextmanager
def _superset(place: Place, port: int) -> Iterator[None]:
    """Run Superset until the end."""
    with place.journal.open("a") as journal:
        processus = subprocess.Popen(
            [
                place.python.with_name("gunicorn"), "--workers", "1", "--worker-class", "gthread",
                "--threads", "8", "--timeout", "300", "--bind", f"127.0.0.1:{port}",
                "superset.app:create_app()",
            ],
            env=_environnement(place),
            cwd=place.dossier,
            stdout=journal,
            stderr=subprocess.STDOUT,
            # A Ctrl-C of the terminal is for this process, which ends Superset before PostgreSQL.
            start_new_session=True,
        )  # fmt: skip
    try:
        limite = time.monotonic() + _PRET_DANS
        while not _repond(port):
            if processus.poll() is not None or time.monotonic() > limite:
                raise ErreurPublication(f"Superset does not start. {_voir(place)}")
            time.sleep(0.5)
        yield
    finally:
        processus.send_signal(signal.SIGTERM)
        try:
            processus.wait(20)
        except subprocess.TimeoutExpired:
            processus.kill()
            processus.wait()


def _repond(port: int) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def _importer(place: Place, reglages: dict[str, Any], superset: str, dire: Callable[[str], None]) -> None:
    """Import the dashboard of the release, where it is not the one that was imported last."""
    release = courante(place.home / "releases")
    assert release
    ou = f"127.0.0.1:{reglages['port_postgres']}/{_MARTS}"
    adresse = f"postgresql+psycopg2://superset_lecture:{_MOT_MASQUE}@{ou}"
    archive = paquet(release, adresse)
    empreinte = sha256(archive).hexdigest()
    if reglages.get("importe") == empreinte:
        return
    dire("Superset: the dashboard is imported")
    session = Superset(superset, reglages["compte"], reglages["mot_de_passe"])
    session.importer(archive, reglages["roles"]["superset_lecture"])
    _garder(place, reglages | {"importe": empreinte})


def _voir(place: Place) -> str:
    dites = place.journal.read_text(errors="replace").strip().splitlines()
    return f"Its last words: {dites[-1] if dites else 'none'}. Next: read {place.journal}."
