"""Where the dbt project is and how its manifest is read. Kept apart so that importing it stays cheap.

The manifest is written by `make setup`, and again by `ctg refresh` when a file of the project is newer: an
asset graph older than the SQL that runs would lose its events.
"""

import os
import subprocess
import sys
from pathlib import Path

# Both tools phone home unless told otherwise before they are imported.
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from dagster_dbt import DbtProject

from .racine import RACINE as RACINE

# The environment may not be on PATH: dbt is the one beside this interpreter.
DBT = Path(sys.executable).with_name("dbt")

projet_dbt = DbtProject(
    project_dir=RACINE / "dbt_project",
    profiles_dir=RACINE / "dbt_project",
    target_path="target",
)


def actualiser_manifeste() -> None:
    """Parse the dbt project (3 s) when its manifest is missing or older than one of its files."""
    manifeste = projet_dbt.manifest_path
    fichiers = (
        f
        for dossier in ("models", "seeds", "macros", "tests")
        for f in (projet_dbt.project_dir / dossier).rglob("*")
        if f.suffix in (".sql", ".yml", ".csv", ".py")
    )
    if not manifeste.exists() or any(f.stat().st_mtime > manifeste.stat().st_mtime for f in fichiers):
        subprocess.run(
            [
                DBT,
                "--quiet",
                "--log-level-file",
                "none",
                "parse",
                # A partial parse loses the description of a data test whose SQL changed.
                "--no-partial-parse",
                "--project-dir",
                projet_dbt.project_dir,
                "--profiles-dir",
                projet_dbt.project_dir,
            ],
            check=True,
        )
