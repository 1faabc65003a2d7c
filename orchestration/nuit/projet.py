"""Where the dbt project is, and how its generated files and its parsed form are kept up to date.

`make setup`, and whatever loads the graph of assets, do both (10 s) when one of its files, a contract or a
version of a tool is not what was parsed last. The graph of assets and the night's build read what is kept.
"""

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Both tools phone home unless told otherwise before they are imported.
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from socle.erreurs import ErreurCtg

from ..generes import dbt
from ..racine import RACINE
from .chemins import BASE
from .code import VERSIONS, empreinte_fichiers, fichiers_de

# The environment may not be on PATH: dbt is the one beside this interpreter.
DBT = Path(sys.executable).with_name("dbt")
PROJET = RACINE / "dbt_project"
CIBLE = PROJET / "target"
MANIFESTE = CIBLE / "manifest.json"
# The parsed project as dbt reads it back. `dbt` run by hand leaves its own beside it, of another profile.
ANALYSE = CIBLE / "nuit.msgpack"
_EMPREINTE = CIBLE / "nuit.empreinte"
# Models that count foyers: a night runs them apart, in a file of their own (`comptage`).
PORTABLE = "tag:portable"
# The project that this process took its graph of.
_chargee = ""


class ProjetFerme(ErreurCtg):
    """The project changed, and this account may not write what is made of it."""


def actualiser_manifeste() -> None:
    """Write what dbt reads and parse the project, unless it is what was parsed last; one process at a time.

    Raises DictionnaireRefuse; ProjetFerme, which says what to type, where this account may not write.
    """
    global _chargee
    # First without writing: a service may run the checkout of another account.
    if not est_a_jour():
        _analyser()
    _chargee = _lue()


def inchange() -> bool:
    """Whether the project is as this process took it: neither a file, nor what another parsed, is newer."""
    return est_a_jour() and _lue() == _chargee


@contextmanager
def _en_ecrivant(dossier: Path) -> Iterator[None]:
    """Say what to type where the checkout is of another account, or read-only."""
    try:
        yield
    except OSError as refus:
        if refus.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        # `from None`: this disk is read-only on purpose, and must not be mounted for writing.
        raise ProjetFerme(
            "dbt_project, a contract or a tool changed since the project was parsed, or what was kept of it"
            f" is damaged, and this account may not write in {dossier}. Next: run `make setup` as the owner"
            " of the project; on a deployed machine `make setup-nuit`, then the `chown` of deploy/README.md"
        ) from None


def _analyser() -> None:
    with _en_ecrivant(CIBLE):
        CIBLE.mkdir(exist_ok=True)
        fichier = (CIBLE / "nuit.verrou").open("w")
    with fichier as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        if est_a_jour():
            return
        voulue = _empreinte()
        with _en_ecrivant(PROJET):
            dbt.ecrire_tout(RACINE)
        provisoire = CIBLE / ".analyse"
        shutil.rmtree(provisoire, ignore_errors=True)
        subprocess.run(
            [
                *(DBT, "--quiet", "--log-level-file", "none", "parse"),
                # A partial parse loses the description of a data test whose SQL changed.
                "--no-partial-parse",
                *("--project-dir", PROJET, "--profiles-dir", PROJET),
                *("--target-path", provisoire),
            ],
            check=True,
            # Names of relations hold the name of the database, which is that of its file.
            env=os.environ | {"CTG_BUILD_DB": BASE},
        )
        _EMPREINTE.unlink(missing_ok=True)
        (provisoire / "manifest.json").replace(MANIFESTE)
        (provisoire / "partial_parse.msgpack").replace(ANALYSE)
        _EMPREINTE.write_text(f"{voulue}\n{_gardee()}")
        shutil.rmtree(provisoire, ignore_errors=True)


def est_a_jour() -> bool:
    """Whether what was parsed last is the project as it is now, and is whole."""
    return _lue() == f"{_empreinte()}\n{_gardee()}"


def _gardee() -> str:
    """Digest of the files written from the project: a cut or altered file is then written again."""
    with suppress(FileNotFoundError):
        return empreinte_fichiers([MANIFESTE, ANALYSE, *sorted(PROJET.glob("m*/**/_generes/*.*"))], RACINE)
    return ""


def _empreinte() -> str:
    dossiers = (PROJET, *(RACINE / origine for origine in dbt.ORIGINES))
    fichiers = [*(f for dossier in dossiers for f in fichiers_de(dossier)), RACINE / VERSIONS]
    # A parsed seed knows its file by its whole path.
    return f"{empreinte_fichiers(fichiers, RACINE)} {RACINE}"


def _lue() -> str:
    # Another process may be writing it.
    with suppress(FileNotFoundError, UnicodeDecodeError):
        return _EMPREINTE.read_text()
    return ""


def sources_de(modele: str) -> set[str]:
    """Return the tables of `normalised` that a model of dbt reads, itself or through others."""
    parents: dict[str, list[str]] = json.loads(MANIFESTE.read_bytes())["parent_map"]
    restent = [n for n in parents if n.startswith("model.") and n.endswith(f".{modele}")]
    lus: set[str] = set()
    while restent:
        noeud = restent.pop()
        if noeud not in lus:
            lus.add(noeud)
            restent += parents.get(noeud, [])
    return {n.rpartition(".")[2] for n in lus if n.startswith("source.")}


if __name__ == "__main__":
    try:
        actualiser_manifeste()
    except ErreurCtg as refus:
        sys.exit(str(refus))
