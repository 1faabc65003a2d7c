"""An extract checked and taken in, beside a reader that checks nothing: processor, time, memory.

Belongs here: a file of invented foyers, each way in a process of its own, the table. Does not: counting what
was taken in (`extrait.py`). `python -m tests.bench.reception WAY FOLDER` is one of these processes.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.extrait.depot import Origine
from ingestion.extrait.pseudonymes import Pseudonymes
from ingestion.extrait.reception import Reception
from ingestion.extrait.retenus import Micro
from ingestion.extrait.zones import Zones
from tests.bench.foyers import PAR_DROIT, communes_inventees, generer_contrat
from tests.bench.mesure import CTG, Cout, Echec, Ligne, afficher_couts, executer

GRAINE = "bench"
MOIS = "2024-12"
SECRET = bytes(range(7, 256, 5))
LOT = 100_000
REFERENCE = "duckdb"
# What each way is, and what it is to reach.
FACONS = {
    REFERENCE: ("DuckDB: read_csv, written as Parquet, nothing checked", ""),
    "csv": ("ctg extrait check of the CSV", "≤ 1 500 MB"),
    "parquet": ("ctg extrait check of the same as Parquet", "≤ 1 500 MB"),
    "recevoir": ("reception of the CSV: read, pseudonyms, sorted, written", ""),
    "hmac": ("pseudonyms alone, of as many identifiers", ""),
}


def comparer(lignes: int) -> None:
    """Time each way once, on a file of about that many rows."""
    with tempfile.TemporaryDirectory() as dossier:
        lues = preparer(Path(dossier), lignes)
        couts = {facon: mesurer(Path(dossier), facon) for facon in FACONS}
    afficher_couts(
        f"Extract of {lues} rows, as CSV and as Parquet: check and reception",
        [Ligne(quoi, couts[facon], couts[REFERENCE], vise) for facon, (quoi, vise) in FACONS.items()],
    )


def preparer(dossier: Path, lignes: int) -> int:
    """Write the same foyers as CSV and as Parquet, each with its mapping. Number of rows."""
    foyers, communes = lignes * PAR_DROIT[1] // PAR_DROIT[0], communes_inventees(GRAINE)
    for sous in ("csv", "parquet"):
        generer_contrat(dossier / sous / MOIS, foyers, MOIS, GRAINE, communes, int(MOIS[:4]), sous)
        (dossier / sous / MOIS / "correspondance_extrait.yml").rename(dossier / sous / "correspondance.yml")
    return _lignes(dossier)


def _lignes(dossier: Path) -> int:
    return pq.read_metadata(dossier / "parquet" / MOIS / "foyers.parquet").num_rows


def mesurer(dossier: Path, facon: str) -> Cout:
    """Run one way to its end. Raises `Echec` when it does not read the file."""
    if facon not in ("csv", "parquet"):
        return executer([sys.executable, "-m", "tests.bench.reception", facon, str(dossier)], memoire=True)
    env = os.environ | {
        "CTG_HOME": str(dossier / "home"),
        "CTG_CORRESPONDANCE": str(dossier / facon / "correspondance.yml"),
    }
    (dossier / "home").mkdir(exist_ok=True)
    return executer(
        [CTG, "extrait", "check", str(dossier / facon / MOIS / f"foyers.{facon}")], env, memoire=True
    )


def convertir(dossier: Path) -> None:
    """Read the CSV as DuckDB guesses it, and write it as Parquet."""
    duckdb.sql(
        f"copy (from read_csv('{dossier}/csv/{MOIS}/foyers.csv')) to '{dossier}/d.parquet' (format parquet)"
    )


def recevoir(dossier: Path) -> None:
    """Take the CSV in, in a CTG_HOME of its own."""
    home = dossier / "pris"
    origine = Origine(
        dossier / "csv", dossier / "csv" / "correspondance.yml", lambda: SECRET, permanente=True
    )
    bilan = Reception(Micro(home), Zones(home), origine).recevoir()
    if bilan.acceptes != [MOIS]:
        raise Echec("\n".join(map(str, bilan.refus)))


def pseudonymiser(dossier: Path) -> None:
    """Make as many pseudonyms as the file has rows, and nothing else."""
    pseudonymes = Pseudonymes(SECRET, "bench")
    for debut in range(0, _lignes(dossier), LOT):
        pseudonymes.calculer(pa.array(np.arange(debut, debut + LOT)).cast(pa.string()))


PROCESSUS: dict[str, Callable[[Path], None]] = {
    REFERENCE: convertir,
    "recevoir": recevoir,
    "hmac": pseudonymiser,
}

if __name__ == "__main__":
    PROCESSUS[sys.argv[1]](Path(sys.argv[2]))
