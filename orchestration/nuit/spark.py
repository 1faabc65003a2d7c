"""Spark beside the night: a process with an environment of its own (ADR 24), its requests, its end."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from socle.disque import masque_prive
from socle.erreurs import ErreurCtg

from ..racine import RACINE

JAVA = 17
PROGRAMME = RACINE / "spark" / "compter.py"
# Seconds that the JVMs of a session have to end by themselves.
FIN = 60


class CompteRefuse(ErreurCtg):
    """The extract was not counted, or not as it has to be: what, where, and what to do."""


@contextmanager
def en_marche(dossier: Path, maitre: str) -> Iterator["Session"]:
    """A session on the cluster `maitre`, all of whose writing is in the closed `dossier`, then removed.

    Raises `CompteRefuse` where its environment or its Java is missing.
    """
    python = _exiger_python()
    _exiger_java()
    with masque_prive():
        dossier.mkdir(mode=0o700)
        try:
            with (dossier / "journal.log").open("wb") as journal:
                processus = subprocess.Popen(
                    [
                        *(python, PROGRAMME, "--dossier", dossier, "--maitre", maitre),
                        *("--dbt", RACINE / "dbt_project"),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=journal,
                    env=environnement(),
                )
            try:
                yield Session(processus, maitre)
                _finir(processus)
            finally:
                processus.kill()
                # What was not said to a process that is gone is of no use to anybody.
                with suppress(BrokenPipeError), processus:
                    pass
        finally:
            _retirer(dossier)


def environnement(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of the session, which executors inherit: no key of the night."""
    return {cle: valeur for cle, valeur in env.items() if not cle.startswith(("CTG_", "PYTHON"))}


class Session:
    """A session that answers one request after the other."""

    def __init__(self, processus: "subprocess.Popen[bytes]", maitre: str) -> None:
        """Talk with this process."""
        self._processus, self._maitre = processus, maitre

    def compter(self, foyers: Sequence[Path], rattachement: Sequence[Path]) -> dict[str, list[Path]]:
        """The Parquet files of each table that dbt made of these; they are there until the next request.

        Raises `CompteRefuse` with where Spark stopped and its class of error: its message may quote a row.
        """
        demande = {"foyers": [*map(str, foyers)], "rattachement": [*map(str, rattachement)]}
        entree, sortie = _tuyaux(self._processus)
        try:
            entree.write(json.dumps(demande).encode() + b"\n")
            entree.flush()
            ligne = sortie.readline()
        except BrokenPipeError:
            ligne = sortie.readline()
        dite: dict[str, Any] = json.loads(ligne) if ligne else {}
        if "tables" in dite:
            return {table: [*map(Path, fichiers)] for table, fichiers in dite["tables"].items()}
        erreur = dite.get("erreur", {"etape": "its start", "nature": "the process ended"})
        suite = (
            "see that the master answers, that a worker has a core and 1 GB free, and that workers read"
            " CTG_HOME under the same path as here"
            if erreur["etape"] == "session"
            else "give its workers more memory where it lacks some, or count here: --moteur duckdb"
        )
        raise CompteRefuse(
            f"Spark did not count the extract on {self._maitre}: it stopped at {erreur['etape']}"
            f" ({erreur['nature']}); expected: a table of commune aggregates and one of medians. Nothing was"
            f" kept, its own messages neither, which may quote a row. Next: {suite}"
        )


def _finir(processus: "subprocess.Popen[bytes]") -> None:
    """No more requests: the session stops its JVMs, then ends."""
    entree, _ = _tuyaux(processus)
    try:
        entree.close()
        processus.wait(FIN)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        # Killed by the caller; a JVM ends when what started it does.
        return


def _tuyaux(processus: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert processus.stdin is not None and processus.stdout is not None
    return processus.stdin, processus.stdout


def _retirer(dossier: Path) -> None:
    """Remove the folder; a JVM that is still ending may write once more in it."""
    for _ in range(3):
        shutil.rmtree(dossier, ignore_errors=True)
        if not dossier.exists():
            return
    shutil.rmtree(dossier)


def _exiger_python() -> Path:
    python = Path(os.environ.get("CTG_SPARK_PYTHON") or RACINE / ".venv-spark" / "bin" / "python")
    if not python.exists():
        raise CompteRefuse(
            f"Spark's environment is not here: {python} does not exist; expected: a Python with"
            " spark/requirements.lock installed. Next: `make spark` makes it, or name another with"
            " CTG_SPARK_PYTHON"
        )
    return python


def _exiger_java() -> None:
    siens = os.environ.get("JAVA_HOME")
    java = Path(siens, "bin", "java") if siens else shutil.which("java")
    suite = f"Next: `apt-get install openjdk-{JAVA}-jre-headless` (or a later one), or set JAVA_HOME"
    try:
        if java is None:
            raise FileNotFoundError
        dit = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        raise CompteRefuse(f"Spark needs Java {JAVA} or later, and none runs here. {suite}") from None
    version = re.search(r'version "(\d+)', dit)
    if version is None or int(version[1]) < JAVA:
        observe = version[1] if version else "of a version that cannot be read"
        raise CompteRefuse(f"Spark needs Java {JAVA} or later; {java} is {observe}. {suite}")
