"""Where the dbt project is and how its manifest is read. Kept apart so that importing it stays cheap.

The manifest is written by `make setup` (dbt parse); nothing here runs dbt.
"""

import os
import sys
from pathlib import Path

# Both tools phone home unless told otherwise before they are imported.
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from dagster_dbt import DbtProject

# The environment may not be on PATH: dbt is the one beside this interpreter.
DBT = Path(sys.executable).with_name("dbt")
RACINE = Path(__file__).resolve().parent.parent

projet_dbt = DbtProject(
    project_dir=RACINE / "dbt_project",
    profiles_dir=RACINE / "dbt_project",
    target_path="target",
)
