"""A PostgreSQL of one's own: Debian's programs, a cluster in a folder, the account that runs it.

`initdb` and the server refuse root: for root they run as another account, which then owns the folder.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from socle.erreurs import ErreurPublication

DOSSIERS = tuple(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
"""Debian keeps the programs of a server out of PATH, by version; the newest first."""


def programmes() -> Path:
    """Folder of `initdb` and `pg_ctl`. Raises ErreurPublication, which says what to install."""
    ou = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, DOSSIERS)])
    if trouve := shutil.which("initdb", path=ou):
        return Path(trouve).resolve().parent
    raise ErreurPublication(
        "PostgreSQL is not on this machine: initdb is neither in PATH nor under /usr/lib/postgresql. Next:"
        " `apt-get install postgresql`, then start again."
    )


def compte() -> str | None:
    """Return the account that the programs run as, None for one's own."""
    if os.geteuid():
        return None
    comptes = {compte.pw_name for compte in pwd.getpwall()}
    return "postgres" if "postgres" in comptes else "nobody"


def lancer(nom: str | None, *commande: str | Path) -> None:
    """Run a program of PostgreSQL to its end as this account. Raises RuntimeError with what it said."""
    groupe = pwd.getpwnam(nom).pw_gid if nom else None
    # Its output to a file: the server would keep a pipe open, and whoever reads it waiting.
    with tempfile.TemporaryFile() as dit:
        fini = subprocess.run(
            [str(mot) for mot in commande],
            user=nom,
            group=groupe,
            extra_groups=[] if nom else None,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=dit,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if fini.returncode:
            dit.seek(0)
            raise RuntimeError(f"{commande[0]}: {dit.read().decode()}")


def creer(dossier: Path, mot_de_passe: str) -> None:
    """Make a cluster that only passwords open, on loopback; `postgres` is its superuser.

    The folder is not there, or empty; its parents are crossed by `compte()`. Raises ErreurPublication.
    """
    dossier.mkdir(mode=0o700, exist_ok=True)
    qui = compte()
    with tempfile.NamedTemporaryFile("w", prefix=".ctg-", dir=dossier.parent) as secret:
        secret.write(mot_de_passe)
        secret.flush()
        if qui:
            shutil.chown(dossier, qui)
            shutil.chown(secret.name, qui)
        try:
            lancer(
                qui, programmes() / "initdb", "-D", dossier, "-U", "postgres", "-A", "scram-sha-256", "-E",
                "UTF8", "--locale=C", "--no-instructions", f"--pwfile={secret.name}",
            )  # fmt: skip
        except RuntimeError as erreur:
            shutil.rmtree(dossier, ignore_errors=True)
            raise ErreurPublication(
                f"No PostgreSQL was made in {dossier}: {_une_ligne(erreur)}. Next: correct what the message"
                + (f" names (account {qui} must be able to cross the folders above it)" if qui else " names")
                + ", then start again."
            ) from None


@contextmanager
def en_marche(dossier: Path, port: int) -> Iterator[None]:
    """Run a cluster on 127.0.0.1:`port` until the end; one that a killed command left is ended first.

    Raises ErreurPublication when it does not start, with the end of its journal.
    """
    pg_ctl = programmes() / "pg_ctl"
    qui = compte()
    journal = dossier / "journal"
    options = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    ordre = " ".join(f"-c {nom}='{valeur}'" for nom, valeur in options.items())
    if (dossier / "postmaster.pid").exists():
        # Where its process is gone, the file alone was left: the server sees to it.
        with suppress(RuntimeError):
            lancer(qui, pg_ctl, "-D", dossier, "-m", "fast", "-w", "stop")
    journal.unlink(missing_ok=True)
    try:
        lancer(qui, pg_ctl, "-D", dossier, "-w", "-l", journal, "-o", ordre, "start")
    except RuntimeError as erreur:
        dit = journal.read_text(errors="replace").strip() if journal.exists() else str(erreur)
        raise ErreurPublication(
            f"PostgreSQL does not start in {dossier}: {' '.join(dit.splitlines()[-3:])}. Next: correct what"
            " it names, then start again; it holds a copy of the release: the folder may be removed."
        ) from None
    try:
        yield
    finally:
        lancer(qui, pg_ctl, "-D", dossier, "-m", "fast", "-w", "stop")


def _une_ligne(erreur: RuntimeError) -> str:
    return " ".join(str(erreur).split()).rstrip(".")
