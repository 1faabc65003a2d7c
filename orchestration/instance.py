"""Where Dagster keeps its own state: CTG_HOME/dagster, with telemetry off and one night at a time."""

import os
from pathlib import Path
from typing import Any

REGLAGE = """\
# Written by `ctg`; change orchestration/instance.py instead.
telemetry:
  enabled: false
nux:
  enabled: false
# One night at a time; the file lock of CTG_HOME refuses a second one anyway.
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def preparer_instance(home: Path) -> Path:
    """Write the settings under CTG_HOME, point `DAGSTER_HOME` at them, return the folder."""
    dossier = home / "dagster"
    dossier.mkdir(parents=True, exist_ok=True)
    reglage = dossier / "dagster.yaml"
    if not reglage.exists() or reglage.read_text() != REGLAGE:
        reglage.write_text(REGLAGE)
    os.environ["DAGSTER_HOME"] = str(dossier)
    return dossier


def sans_attendre_le_disque() -> None:
    """Let SQLite return before its bytes are on disk, in this process alone.

    Dagster commits each event of a run three times, and a quiet night loses a third of its time waiting for
    the disk. Losing power then costs the history of runs at worst: what was landed and published is in other
    files, each brought to the disk.
    """
    # Imported late, like Dagster which brings it.
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "connect")
    def regler(connexion: Any, _: object) -> None:
        connexion.execute("PRAGMA synchronous=OFF")
