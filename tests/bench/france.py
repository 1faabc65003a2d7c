"""A whole night of France on the producers' real files, beside the SQL of its models alone. Long.

Belongs here: the night, the compilation of its models, the table. Does not: how compiled SQL is run again
(`requetes.py`), how a release is weighed (`poids.py`).
"""

import os
import subprocess
import tempfile
from pathlib import Path

from orchestration.nuit.projet import DBT, PORTABLE
from tests.bench import poids
from tests.bench.mesure import CTG, RACINE, Cout, Ligne, afficher_couts, executer, mesure_ailleurs
from tests.bench.nuits import environnement
from tests.miroir_reel import poser

NUIT, REQUETES = "whole night of France", "SQL of its models alone: one DuckDB process"
VISE_MO = 2_048


def comparer(perimetre: str = "france") -> None:
    """Time the night, then its SQL; one line where the real files are not (CTG_SHARED or ../shared)."""
    reel = Path(os.environ.get("CTG_SHARED", RACINE.parent / "shared")) / "real"
    if not reel.is_dir():
        print("France: skipped, the producers' real files are not here (CTG_SHARED or ../shared).")
        return
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire)
        miroir = poser(reel, dossier / "miroir")
        home = dossier / "home"
        nuit = executer(
            [CTG, *("refresh", "--profile", "mirror", "--mirror", str(miroir), "--perimetre", perimetre)],
            environnement(home),
            memoire=True,
        )
        poids.montrer(home / "releases" / "current")
        seules = requetes(home, dossier)
    afficher_couts(
        f"Real files, scope {perimetre}, one run",
        [Ligne(NUIT, nuit, seules, f"≤ 1.6, ≤ {VISE_MO} MB"), Ligne(REQUETES, seules)],
    )


def requetes(home: Path, dossier: Path) -> Cout:
    """What the SQL of the night that `home` ended costs alone."""
    (faite,) = (home / "build").glob("*/nuit.duckdb")
    cible, projet = dossier / "cible", RACINE / "dbt_project"
    subprocess.run(
        [
            # As the night builds: foyers are counted before it, in a file of their own.
            *(DBT, "--quiet", "compile", "--select", "resource_type:model", "--exclude", PORTABLE),
            *("--project-dir", projet, "--profiles-dir", projet),
            *("--target-path", cible, "--log-path", dossier / "journaux"),
        ],
        env=environnement(home) | {"CTG_BUILD_DB": str(faite)},
        check=True,
    )
    # dbt writes the name of the file in its SQL: the new one has the same name.
    neuve = dossier / "requetes" / faite.name
    neuve.parent.mkdir()
    return mesure_ailleurs("tests.bench.requetes", faite, cible, neuve)
