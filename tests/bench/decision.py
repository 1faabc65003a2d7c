"""One decision of a night, in a process that holds nothing else: `python -m tests.bench.decision FOLDER`.

Belongs here: reading the tables of the masks step and deciding. Does not: what it costs (`secret.py`).
"""

import sys
from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as pq

from confidentialite import Entrees
from confidentialite.cle import CLE_PUBLIQUE, confier
from confidentialite.moteur.masques import masquer


def main(dossier: Path) -> None:
    """Write the masks of the tables of a folder beside them, and keep decisions there, as a home does."""
    entrees = Entrees(**{f.name: pq.read_table(dossier / f"{f.name}.parquet") for f in fields(Entrees)})
    with confier(CLE_PUBLIQUE):
        pq.write_table(masquer(entrees, dossier / "decisions"), dossier / "masques.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
