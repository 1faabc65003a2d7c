"""Where Dagster keeps the events of its runs: the SQLite files it knows, written with fewer transactions.

Belongs here: how often a file is opened and a transaction ended; how an error that says what to do is kept,
as its sentence alone; that what a run planned and did not do keeps the state it had. Does not belong here:
what an event is, nor any table: both are Dagster's own, and its page reads the same files.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.events import JobFailureData
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from dagster_shared.error import SerializableErrorInfo
from sqlalchemy import Connection, Engine, create_engine

from socle.erreurs import ErreurCtg

# Of Dagster, as of the project's own tree, the errors whose message says what was wrong and what to do.
_DE_DAGSTER = ("DagsterAssetCheckFailedError", "Failure")
_CHEMIN = re.compile(r"^(\w+\.)+\w+: ")
INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
INTERROMPUE = (
    "The run was interrupted before its end: what readers have is whole. Run it again: it goes on from what"
    " has landed."
)

# What a step raises once it has done all it had to.
_TOUT_FAIT = ("RefusDansLaNuit", "PostgresEnEchec")
_FINS = (dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED)

# Seconds to wait for another process, the page for instance, that writes in the same file.
PATIENCE = 60


def est_dite(erreur: SerializableErrorInfo) -> bool:
    """Whether the message says all there is to say; the lines of code it came through would add nothing."""
    return erreur.cls_name in _DE_DAGSTER or erreur.cls_name in ErreurCtg.noms()


def premiere_cause(erreur: SerializableErrorInfo) -> SerializableErrorInfo:
    """The innermost error that a person can act on, else the innermost: Dagster wraps what the steps raise.

    StepFailure, ErreurPublication "the page of … cannot be made: KeyError …", KeyError    the second
    """
    trouvee = None
    while True:
        if est_dite(erreur):
            trouvee = erreur
        if erreur.cause is None:
            return trouvee or erreur
        erreur = erreur.cause


def sans_classe(message: str) -> str:
    """A message without the dotted path of its class, which says nothing to whoever must act."""
    return _CHEMIN.sub("", message)


def en_une_phrase(erreur: SerializableErrorInfo) -> SerializableErrorInfo:
    """The first cause alone, without a stack, where it is an error that a person can act on."""
    cause = premiere_cause(erreur)
    if cause.cls_name in INTERRUPTIONS:
        return SerializableErrorInfo(message=INTERROMPUE, stack=[], cls_name=cause.cls_name)
    if not est_dite(cause):
        return erreur
    return SerializableErrorInfo(message=sans_classe(cause.message), stack=[], cls_name=cause.cls_name)


def abreger(entree: dg.EventLogEntry) -> dg.EventLogEntry:
    """The same event, its error in one sentence where it is one."""
    evenement = entree.dagster_event
    donnees: Any = evenement.event_specific_data if evenement else None
    erreur = getattr(donnees, "error", None)
    if evenement is None or donnees is None or erreur is None:
        return entree
    phrase = en_une_phrase(erreur)
    if phrase is erreur:
        return entree
    faits: dict[str, Any] = {"error": phrase}
    if isinstance(donnees, JobFailureData) and donnees.first_step_failure_event:
        premier: Any = donnees.first_step_failure_event
        dites = premier.event_specific_data._replace(error=phrase)
        faits["first_step_failure_event"] = premier._replace(event_specific_data=dites)
    return entree._replace(dagster_event=evenement._replace(event_specific_data=donnees._replace(**faits)))


def _avait_tout_fait(entree: dg.EventLogEntry) -> bool:
    """Whether this is the failure of a step that had done its work."""
    evenement = entree.dagster_event
    if evenement is None or evenement.event_type != dg.DagsterEventType.STEP_FAILURE:
        return False
    erreur = evenement.step_failure_data.error
    return erreur is not None and premiere_cause(erreur).cls_name in _TOUT_FAIT


class JournalParLots(SqliteEventLogStorage):
    """Dagster's own event log, with one engine per file in place of one per statement.

    The parent builds an engine, compiles its SQL and opens the file again for each statement, and commits an
    event up to three times. A night plans some five hundred and fifty events before its first step: that was
    a third of a night where nothing changed. Here a file has one engine for the life of the process, and a
    batch (`DAGSTER_EVENT_BATCH_SIZE`) is one transaction in each of two files.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Keep the files under `base_dir`, as the parent does."""
        self._moteurs: dict[str, Engine] = {}
        self._ouvertes: dict[str, Connection] = {}
        self._tables: set[str] = set()
        # Reentrant: a batch holds its connections while the parent asks for them again, event by event.
        self._tour = threading.RLock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> "JournalParLots":
        """Build it from `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        """Connection to the file of a run, in a transaction."""
        return self._connexion(run_id or "")

    def index_connection(self) -> AbstractContextManager[Connection]:
        """Connection to the file that all runs share, in a transaction."""
        return self._connexion(INDEX_SHARD_NAME)

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store one event, its error as a sentence where it is one."""
        super().store_event(abreger(event))
        if event.dagster_event_type in _FINS:
            self._rendre(event.run_id)

    def _rendre(self, run_id: str) -> None:
        """Leave what a run planned, and neither made nor judged, as the runs before left it.

        Dagster takes it for failed, or skipped: a night that refused one file, or that had nothing to build,
        would leave two hundred checks without the verdict they have. What a step that failed was to make is
        failed indeed, but where it had done its work and only told a refusal. The history of the run keeps
        all that it planned.
        """
        prevu, debut = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.STEP_START
        dits = self.get_logs_for_run(run_id, of_type={prevu, debut, dg.DagsterEventType.STEP_FAILURE})
        prevues = {e.step_key for e in dits if e.dagster_event_type == prevu}
        commencees = {e.step_key for e in dits if e.dagster_event_type == debut}
        laissees = prevues - (commencees - {e.step_key for e in dits if _avait_tout_fait(e)})
        verdicts, journal = AssetCheckExecutionsTable.c, SqlEventLogStorageTable.c
        with self.index_connection() as connexion:
            connexion.execute(
                AssetCheckExecutionsTable.delete().where(
                    verdicts.run_id == run_id,
                    verdicts.execution_status == AssetCheckExecutionRecordStatus.PLANNED.value,
                )
            )
            connexion.execute(
                SqlEventLogStorageTable.delete().where(
                    journal.run_id == run_id,
                    journal.dagster_event_type == prevu.value,
                    journal.step_key.in_(laissees),
                )
            )

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store these events in one transaction per file: all of them, or none and the error."""
        with ExitStack() as lot:
            for run_id in {e.run_id for e in events}:
                lot.enter_context(self.run_connection(run_id))
            lot.enter_context(self.index_connection())
            for evenement in events:
                self.store_event(evenement)

    def delete_events(self, run_id: str) -> None:
        """Delete all that is kept of a run, its file and what its checks found too."""
        super().delete_events(run_id)
        verdicts = AssetCheckExecutionsTable
        with self.index_connection() as connexion:
            connexion.execute(verdicts.delete().where(verdicts.c.run_id == run_id))
        with self._tour:
            if moteur := self._moteurs.pop(run_id, None):
                moteur.dispose()
        Path(self.path_for_shard(run_id)).unlink(missing_ok=True)

    def has_table(self, table_name: str) -> bool:
        """Whether the shared file has this table; asked again at each check, and one that is there stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close the files."""
        with self._tour:
            for moteur in self._moteurs.values():
                moteur.dispose()
            self._moteurs.clear()
        super().dispose()

    @contextmanager
    def _connexion(self, fichier: str) -> Iterator[Connection]:
        with self._tour:
            if deja := self._ouvertes.get(fichier):
                yield deja
                return
            with self._moteur(fichier).begin() as connexion:
                self._ouvertes[fichier] = connexion
                try:
                    yield connexion
                finally:
                    del self._ouvertes[fichier]

    def _moteur(self, fichier: str) -> Engine:
        if fichier not in self._moteurs:
            adresse = self.conn_string_for_shard(fichier)
            self._moteurs[fichier] = create_engine(
                adresse, connect_args={"timeout": PATIENCE, "check_same_thread": False}
            )
            self._initdb(self._moteurs[fichier])
        return self._moteurs[fichier]
