"""Where the dbt project is, and what is kept of it once parsed. Kept apart so that importing it stays cheap.

`make setup` and `ctg refresh` parse the project (10 s) when one of its files, or a version of a tool, is not
what was parsed last. What is kept serves twice: the graph of assets, which would lose its events if it were
older than the SQL that runs, and the night's own build, which then parses nothing.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Both tools phone home unless told otherwise before they are imported.
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from dagster_dbt import DbtProject

from .nuit.chemins import BASE
from .nuit.code import VERSIONS, empreinte_fichiers, fichiers_de
from .racine import RACINE as RACINE

# The environment may not be on PATH: dbt is the one beside this interpreter.
DBT = Path(sys.executable).with_name("dbt")

projet_dbt = DbtProject(
    project_dir=RACINE / "dbt_project",
    profiles_dir=RACINE / "dbt_project",
    target_path="target",
)
CIBLE = projet_dbt.project_dir / "target"
# The parsed project as dbt reads it back. `dbt` run by hand leaves its own beside it, of another profile.
ANALYSE = CIBLE / "nuit.msgpack"
_EMPREINTE = CIBLE / "nuit.empreinte"


def actualiser_manifeste() -> None:
    """Parse the dbt project when it is not what was parsed last; one process at a time."""
    CIBLE.mkdir(exist_ok=True)
    voulue = _empreinte()
    with (CIBLE / "nuit.verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        if projet_dbt.manifest_path.exists() and ANALYSE.exists() and _lue() == voulue:
            return
        provisoire = CIBLE / ".analyse"
        shutil.rmtree(provisoire, ignore_errors=True)
        subprocess.run(
            [
                *(DBT, "--quiet", "--log-level-file", "none", "parse"),
                # A partial parse loses the description of a data test whose SQL changed.
                "--no-partial-parse",
                *("--project-dir", projet_dbt.project_dir, "--profiles-dir", projet_dbt.project_dir),
                *("--target-path", provisoire),
            ],
            check=True,
            # Names of relations hold the name of the database, which is that of its file.
            env=os.environ | {"CTG_BUILD_DB": BASE},
        )
        _EMPREINTE.unlink(missing_ok=True)
        (provisoire / "manifest.json").replace(projet_dbt.manifest_path)
        (provisoire / "partial_parse.msgpack").replace(ANALYSE)
        _EMPREINTE.write_text(voulue)
        shutil.rmtree(provisoire, ignore_errors=True)


def _empreinte() -> str:
    fichiers = [*fichiers_de(projet_dbt.project_dir), RACINE / VERSIONS]
    # A parsed seed knows its file by its whole path.
    return f"{empreinte_fichiers(fichiers, RACINE)} {RACINE}"


def _lue() -> str:
    return _EMPREINTE.read_text() if _EMPREINTE.exists() else ""


if __name__ == "__main__":
    actualiser_manifeste()
