"""`make bench`: what the project's own code costs beside the usual way of doing the same thing.

Reads the real files where they are (CTG_SHARED or ../shared), the demonstration elsewhere. Each line is the
median of several runs, and a ratio to the line it is compared with.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from zipfile import ZipFile

import duckdb
import pandas as pd
from rich.console import Console
from rich.table import Table

from ingestion import demo
from ingestion.contracts import load_contracts
from ingestion.errors import Lieu
from ingestion.normalise import normaliser_fichier

RACINE = Path(__file__).resolve().parents[2]


def chronometrer(travail: Callable[[], object], fois: int = 5) -> float:
    """Median time of a call, in seconds, after one call that warms the caches."""
    travail()
    durees = []
    for _ in range(fois):
        debut = time.perf_counter()
        travail()
        durees.append(time.perf_counter() - debut)
    return median(durees)


def lecture(miroir: Path, travail: Path) -> list[tuple[str, float]]:
    """Strict reading and typing of the comparateur, beside readers that check nothing."""
    ressource = load_contracts()["insee_comparateur"].ressources["communes"]
    edition = ressource.edition(2018, glissante=False)
    assert edition is not None and edition.mirror is not None
    archive = miroir / edition.mirror
    with ZipFile(archive) as z:
        csv = Path(z.extract("base_cc_comparateur.CSV", travail))
    lieu = Lieu("insee_comparateur", "communes", 2018)
    return [
        ("pandas.read_csv, as text, no check", chronometrer(lambda: pd.read_csv(csv, sep=";", dtype=str))),
        (
            "DuckDB read_csv, as text, no check",
            chronometrer(
                lambda: duckdb.sql(f"select * from read_csv('{csv}', all_varchar=true)").to_arrow_table()
            ),
        ),
        (
            "contract: text, types, bounds, keys, markers, line numbers",
            chronometrer(lambda: normaliser_fichier(archive, ressource, edition, "0" * 64, None, lieu)),
        ),
    ]


def nuits(travail: Path) -> list[tuple[str, float]]:
    """A quiet night beside the first one, on the demonstration."""
    env = {**os.environ, "CTG_HOME": str(travail / "home")}
    commande = [str(Path(sys.executable).with_name("ctg")), "refresh", "--profile", "demo"]

    def nuit() -> float:
        debut = time.perf_counter()
        subprocess.run(commande, env=env, cwd=RACINE, check=True, capture_output=True)
        return time.perf_counter() - debut

    return [("first night (demonstration)", nuit()), ("second night, nothing changed", nuit())]


def main() -> None:
    """Run every bench and print the ratios."""
    shared = Path(os.environ.get("CTG_SHARED", RACINE.parent / "shared")) / "real"
    with tempfile.TemporaryDirectory() as dossier:
        travail = Path(dossier)
        miroir = shared
        if not shared.is_dir():
            miroir = travail / "miroir"
            demo.write_mirror(miroir)
        for titre, lignes in {
            f"Reading the comparateur ({'real file' if miroir == shared else 'demonstration'})": lecture(
                miroir, travail
            ),
            "Nights": nuits(travail),
        }.items():
            tableau = Table(title=titre, title_justify="left", box=None)
            for colonne in ("what", "seconds", "ratio"):
                tableau.add_column(colonne, justify="left" if colonne == "what" else "right")
            reference = lignes[0][1]
            for quoi, duree in lignes:
                tableau.add_row(quoi, f"{duree:.2f}", f"{duree / reference:.2f}")
            Console().print(tableau)


if __name__ == "__main__":
    main()
