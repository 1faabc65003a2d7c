"""A PostgreSQL server for tests: its own cluster in a folder that is removed, no port, nothing kept.

`initdb` and the server refuse root: where the tests run as root, they run as another account.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bi.postgres import compte, lancer

REGLAGES = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    # A test that waits for readers waits half of it at a time.
    "deadlock_timeout": "200ms",
}
PLACE = 2 << 30
MOT_DE_PASSE = "s3cr@t/de:Nyons#1 %é"
"""What the role `avec_mot_de_passe` is asked for, with all that a DSN must encode."""


@dataclass
class Serveur:
    """A running server: `postgres` is its superuser, without a password."""

    dossier: Path
    _noms: Iterator[int] = field(default_factory=itertools.count)

    def base(self, options: str = "") -> str:
        """Make a database; return its DSN, without a role."""
        nom = f"essai_{next(self._noms)}"
        self.executer("postgres", f"create database {nom} {options}")
        return nom

    def dsn(self, base: str, role: str = "postgres") -> str:
        return f"host={self.dossier} dbname={base} user={role}"

    def executer(self, base: str, requete: str, role: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn(base, role), autocommit=True) as con:
            curseur = con.execute(requete.encode())
            return curseur.fetchall() if curseur.description else []


@contextmanager
def demarrer(programmes: Path) -> Iterator[Serveur]:
    """Run a new server; `programmes`: the folder of initdb."""
    # Not pytest's own folder, which other accounts cannot cross; short, as a socket's path must be.
    dossier = Path(tempfile.mkdtemp(prefix="ctg-pg-", dir=_ou()))
    qui = compte()
    try:
        if qui:
            shutil.chown(dossier, qui)
        donnees = dossier / "donnees"
        lancer(
            qui, programmes / "initdb", "-D", donnees, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        acces = "local all avec_mot_de_passe scram-sha-256\nlocal all all trust\n"
        (donnees / "pg_hba.conf").write_text(acces)
        options = [f"-c {nom}='{valeur}'" for nom, valeur in REGLAGES.items()]
        options.append(f"-k {dossier}")
        journal = dossier / "journal"
        pg_ctl = programmes / "pg_ctl"
        lancer(qui, pg_ctl, "-D", donnees, "-w", "-l", journal, "-o", " ".join(options), "start")
        try:
            serveur = Serveur(dossier)
            mot = MOT_DE_PASSE.replace("'", "''")
            serveur.executer("postgres", f"create role avec_mot_de_passe login superuser password '{mot}'")
            yield serveur
        finally:
            lancer(qui, pg_ctl, "-D", donnees, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(dossier, ignore_errors=True)


def _ou() -> str:
    """Return where: in memory, where there is room, thousands of files come and go at once."""
    memoire = Path("/dev/shm")
    if memoire.is_dir() and os.access(memoire, os.W_OK) and shutil.disk_usage(memoire).free > PLACE:
        return str(memoire)
    return "/tmp"
