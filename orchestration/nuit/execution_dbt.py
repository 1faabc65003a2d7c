"""dbt in the process of the night (ADR 10): takes the parsed project, gives results, leaves nothing."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.graph.thread_pool import DbtThreadPool
from dbt.parser.manifest import extended_mashumuro_decoder
from dbt.task import runnable
from dbt_common.events.functions import msg_to_dict

from ingestion.erreurs import couper
from socle.erreurs import ErreurCtg
from socle.memoire import manque_de

from .projet import ANALYSE, PROJET, inchange

# How many rows of a failed test are printed, and characters of each.
_MONTREES, _LARGEUR = 3, 300
# Lines of accepted files: the demonstration has 50 000, the public sources of France some millions.
_PETITE = 2_000_000
RESULTATS = ("LogSeedResult", "LogModelResult", "LogTestResult")


class EchecDbt(ErreurCtg):
    """dbt did not build everything, or a data test failed: what it said."""


class ProjetModifie(ErreurCtg):
    """The dbt project changed since the run began."""


@dataclass
class Rate:
    """A failed node: the rank of its error, the SQL of a test, the sources of the rows that it found."""

    noeud: str
    rang: int
    requete: Path | None = None
    sources: frozenset[str] = frozenset()


@dataclass
class Ecoute:
    """Keeps, of ten thousand events of dbt, the result of each node, the errors, the failed nodes."""

    resultats: list[dict[str, Any]] = field(default_factory=list)
    erreurs: list[str] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    _rate: bool = False

    def __call__(self, message: Any) -> None:
        """Hear one event."""
        if message.info.name in RESULTATS:
            self.resultats.append(msg_to_dict(message))
        # `dbt.log` keeps this text, which repeats an error.
        if message.info.level == "error" and message.info.name != "MainStackTrace":
            self.erreurs.append(message.info.msg)
        match message.info.name:
            case "RunResultFailure" | "RunResultWarning" as nom:
                self._rate = nom == "RunResultFailure" and message.data.resource_type == "test"
            case "RunResultError" | "RunResultErrorNoMessage":
                self.rates.append(Rate(message.data.node_info.unique_id, len(self.erreurs) - 1))
            case "SQLCompiledPath" if self._rate:
                self.rates[-1].requete = Path(message.data.path)


class _Fils(DbtThreadPool):
    """Threads of dbt that stop the build where one of them raises, as it does where no memory is left.

    dbt takes the result of a node in a callback. Where the thread of the node raises, or the callback does,
    nobody tells dbt, which waits for that node for ever.
    """

    def apply_async(self, func: Any, args: Any = (), kwds: Any = None, callback: Any = None, *_: Any) -> Any:
        """Run a node as dbt asks; its error is raised by dbt's own loop, which the end of a node wakes."""
        tache, (noeud, *_) = func.__self__, args

        def perdre(erreur: BaseException) -> None:
            tache._raise_next_tick = erreur
            tache.job_queue.mark_done(noeud.node.unique_id)

        def rendre(resultat: Any) -> None:
            try:
                callback(resultat)
            except BaseException as erreur:
                perdre(erreur)

        return super().apply_async(func, args, kwds or {}, rendre, perdre)


runnable.DbtThreadPool = _Fils  # type: ignore[attr-defined]


def construire(base: Path, dossier: Path, *quoi: str) -> Ecoute:
    """Run `dbt build` on the file `base`, its artefacts under `dossier`; return what it said, failed or not.

    `quoi`: what to build of it, in dbt's own words; all of it by default. What failed is in `erreurs`. The
    file is closed when this returns.
    """
    # Unit tests test SQL, which a night does not change: `make test` runs them.
    # The project was parsed already: dbt need not write it again.
    ecoute = executer(
        base, dossier, "build", *quoi, "--exclude-resource-type", "unit_test", "--no-write-json"
    )
    for rate in ecoute.rates:
        if rate.requete:
            dites, rate.sources = _premieres(base, rate.requete.read_text())
            ecoute.erreurs[rate.rang] += dites
    return ecoute


def _premieres(base: Path, requete: str) -> tuple[str, frozenset[str]]:
    """Say the first rows that a test found wrong, and of which sources all are: its own SQL returns them."""
    with duckdb.connect(str(base), read_only=True) as con:
        try:
            con.execute(requete)
        except duckdb.Error:
            # A table that the test reads is missing: no row made it fail.
            return "", frozenset()
        colonnes = [nom for nom, *_ in con.description or ()]
        lignes = con.fetchmany(_MONTREES)
        sources = []
        if "source_id" in colonnes:
            sources = con.execute(f"select distinct source_id from (\n{requete}\n)").fetchall()
    dites = [", ".join(f"{c} = {v}" for c, v in zip(colonnes, ligne, strict=True)) for ligne in lignes]
    texte = "".join(f"\n    {couper(dite, _LARGEUR)}" for dite in ["first rows:", *dites])
    return texte, frozenset(source for (source,) in sources if source)


def executer(base: Path, dossier: Path, *commande: str) -> Ecoute:
    """Run a command of dbt on the project as it was last parsed, as `construire` does."""
    ecoute = Ecoute()
    with _base(base):
        lanceur = dbtRunner(manifest=_analyse(), callbacks=[ecoute])
        # A million values, the project and what was imported, that each pass of the collector would walk.
        gc.freeze()
        fin = lanceur.invoke(
            [
                *commande,
                *("--project-dir", str(PROJET), "--profiles-dir", str(PROJET)),
                *("--target-path", str(dossier), "--log-path", str(dossier)),
                # The SQL of each node is under `dossier` already.
                *("--log-level-file", "info"),
            ]
        )
    # dbt catches what stopped it. An interruption must still stop the night, and a lack of memory be told as
    # one.
    if fin.exception and (manque_de(fin.exception) or not isinstance(fin.exception, Exception)):
        raise fin.exception
    if not fin.success and not ecoute.erreurs:
        ecoute.erreurs.append(str(fin.exception or "dbt stopped without a word"))
    return ecoute


def _analyse() -> Manifest:
    """The project as it was last parsed (`actualiser_manifeste`).

    Its macros never read `graph`, so dbt's flat copy of the project, a second of work, is not made.
    Raises ProjetModifie where a file changed since: the release would name a code that it was not made of.
    """
    if not inchange():
        raise ProjetModifie(
            "A file of dbt_project changed while this run went on: start it again, so that its release is"
            " made of the SQL that it names."
        )
    return Manifest.from_msgpack(ANALYSE.read_bytes(), decoder=extended_mashumuro_decoder)


def _fils(base: Path) -> int:
    """Threads that share one statement: below some size, telling them what to do costs more than they do."""
    try:
        with duckdb.connect(str(base), read_only=True) as con:
            ((lignes,),) = con.execute("select coalesce(sum(lignes), 0) from normalised.fichiers").fetchall()
    except duckdb.Error:
        # No night prepared this file: dbt will say which table it lacks.
        return 1
    return 1 if lignes < _PETITE else os.cpu_count() or 1


@contextmanager
def _base(base: Path) -> Iterator[None]:
    """Tell the profile which file is built; then let go of it, for its readers open it in this process.

    dbt-duckdb keeps one DuckDB instance per process, and a file that is open for writing cannot be opened
    otherwise: what is left of it would be an error in the next step.
    """
    os.environ |= {"CTG_BUILD_DB": str(base), "CTG_BUILD_THREADS": str(_fils(base))}
    try:
        yield
    finally:
        os.environ.pop("CTG_BUILD_DB", None)
        os.environ.pop("CTG_BUILD_THREADS", None)
        reset_adapters()  # type: ignore[no-untyped-call]
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        gc.unfreeze()
        gc.collect()
        # What is left was there before dbt: it lives as long as the process.
        gc.freeze()
