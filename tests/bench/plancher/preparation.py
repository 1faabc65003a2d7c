"""What is done once before the floor runs, as `make setup` does it for a night: the dbt project is parsed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJET = Path(__file__).with_name("dbt")
MUETS = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "GX_ANALYTICS_ENABLED": "false"}


def preparer(dossier: Path) -> Path:
    """Copy the dbt project under `dossier` and parse it; return the copy."""
    projet = dossier / "projet"
    shutil.copytree(PROJET, projet)
    subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "--quiet", "--log-level-file", "none", "parse"),
            *("--project-dir", projet, "--profiles-dir", projet),
        ],
        env=os.environ | MUETS,
        check=True,
    )
    return projet


def commande(projet: Path, home: Path) -> list[str]:
    """The floor as a process of its own, on a folder that is empty as that of a first night."""
    return [sys.executable, "-m", "tests.bench.plancher", str(projet), str(home)]
