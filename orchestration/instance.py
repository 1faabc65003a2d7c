"""Where Dagster keeps its own state: CTG_HOME/dagster, with telemetry off and one night at a time.

Its runs and events are there too, in SQLite, or in the PostgreSQL that CTG_DAGSTER_POSTGRES names.
Belongs here: its settings, ending the runs that a kill left open, forgetting the old ones. Does not belong
here: what a run does.
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socle import disque
from socle.horloge import PARIS

from .nuit.chemins import Chemins

if TYPE_CHECKING:
    import dagster as dg

from .nuit.reglages import ReglageRefuse

# Events that Dagster hands over together: what a night plans to make is one transaction, not five hundred.
LOT = 1000
# Days of runs, and of what schedules and sensors did: what the page tells of the past.
HISTORIQUE = 90
REGLAGE = f"""\
# Written by `ctg`; change orchestration/instance.py instead.
telemetry:
  enabled: false
nux:
  enabled: false
# One night at a time; the file lock of CTG_HOME refuses a second one anyway.
concurrency:
  runs:
    max_concurrent_runs: 1
# Without it nobody looks at the most that a run may last (`jobs.py`): one that hangs would hold the queue.
run_monitoring:
  enabled: true
retention:
  schedule:
    purge_after_days: {HISTORIQUE}
  sensor:
    purge_after_days:
      skipped: 7
      failure: {HISTORIQUE}
      success: {HISTORIQUE}
"""
STOCKAGE = """\
event_log_storage:
  module: orchestration.evenements
  class: JournalParLots
  config:
    base_dir: {evenements}
"""
POSTGRES = "CTG_DAGSTER_POSTGRES"
# Dagster's package speaks psycopg2 only, and a bare postgresql:// is psycopg 3 for SQLAlchemy 2.1.
PILOTE = "postgresql+psycopg2://"
# The variable and not its value, which may hold a password.
STOCKAGE_POSTGRES = f"""\
storage:
  postgres:
    postgres_url:
      env: {POSTGRES}
"""


def reglage(dossier: Path, env: Mapping[str, str] = os.environ) -> str:
    """What `dagster.yaml` must say in this folder. A path is quoted as JSON does it, which YAML reads.

    Raises `ReglageRefuse` where PostgreSQL is asked for by another driver, or its package is not installed.
    """
    if adresse := env.get(POSTGRES):
        if not adresse.startswith(PILOTE):
            raise ReglageRefuse(
                f"{POSTGRES} does not begin with {PILOTE} (it is not shown, for it may hold a password):"
                f" write {PILOTE}user:password@host:5432/base, with @ : / ? # % percent-encoded"
            )
        if find_spec("dagster_postgres") is None:
            raise ReglageRefuse(
                f"{POSTGRES} is set, and the package dagster-postgres is not installed: install the version"
                " that requirements.lock names beside this project, or unset it"
            )
        return REGLAGE + STOCKAGE_POSTGRES
    return REGLAGE + STOCKAGE.replace("{evenements}", json.dumps(str(dossier / "history" / "runs")))


def preparer_instance(dossier: Path) -> Path:
    """Write the settings in this folder, point `DAGSTER_HOME` at it, return it."""
    dossier.mkdir(parents=True, exist_ok=True)
    fichier, voulu = dossier / "dagster.yaml", reglage(dossier)
    if not fichier.exists() or fichier.read_text() != voulu:
        fichier.write_text(voulu)
    os.environ["DAGSTER_HOME"] = str(dossier)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(LOT))
    return dossier


def sans_attendre_le_disque() -> None:
    """Let SQLite return before its bytes are on disk, in this process alone.

    Losing power then costs the history of runs at worst: what was landed and published is in other
    files, each brought to the disk.
    """
    # Imported late, like Dagster which brings it.
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "connect")
    def regler(connexion: Any, _: object) -> None:
        if isinstance(connexion, sqlite3.Connection):
            connexion.execute("PRAGMA synchronous=OFF")


def solder_les_tuees(instance: "dg.DagsterInstance", chemins: Chemins) -> list[str]:
    """End the runs whose process was killed, which Dagster takes for running; return what to say of each.

    Left open, such a run is "started" for ever, and the queue of the page, which runs one at a time, waits
    for it. The lock of the folder tells it from one that runs: it goes away with its process.
    """
    from dagster import DagsterRunStatus, RunsFilter

    ouvertes = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    try:
        with disque.verrou(chemins.verrou, "", BlockingIOError):
            dits = []
            for run in instance.get_runs(RunsFilter(statuses=ouvertes)):
                phrase = (
                    f"Run {run.run_id} was killed before its end: what readers have is whole, and the next"
                    " night goes on from what had landed."
                )
                instance.report_run_failed(run, phrase)
                dits.append(phrase)
            return dits
    except BlockingIOError:
        return []


def oublier_les_anciennes(instance: "dg.DagsterInstance", jour: date) -> int:
    """Remove the runs that began HISTORIQUE days before this one or earlier; return how many.

    Those that made what an asset is today are kept: the page says from them how fresh it is.
    """
    from dagster import RunsFilter

    avant = datetime.combine(jour - timedelta(days=HISTORIQUE), time.max, PARIS)
    anciennes = [r for r in instance.get_runs(RunsFilter(created_before=avant)) if r.is_finished]
    gardees = _ont_fait(instance) if anciennes else set()
    oubliees = [r.run_id for r in anciennes if r.run_id not in gardees]
    for run_id in oubliees:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
    return len(oubliees)


def _ont_fait(instance: "dg.DagsterInstance") -> set[str]:
    """The runs that made each asset as it is."""
    entrees = [actif.asset_entry for actif in instance.get_asset_records()]
    return {e.last_materialization_record.run_id for e in entrees if e.last_materialization_record}
