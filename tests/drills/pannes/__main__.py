"""Faults of the disk against each operation that writes what must not be lost.

    python -m tests.drills.pannes fautes publication            # each of its writes failed, in every way
    python -m tests.drills.pannes fautes --tirage 20            # twenty faults of each operation, drawn
    python -m tests.drills.pannes pertes acquisition            # the power cut at each of its writes

Prints a line of JSON per operation: its writes, the faults, and what went wrong. A program of its own because
it forks: its parent must never have started a thread.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.drills.pannes import campagne, coupures
from tests.drills.pannes.exercices import EXERCICES

# In memory: faults are ours, a real disk would only be slower; and there an inode is never given again.
TAMPON = Path("/dev/shm")


def mener(genre: str, nom: str, racine: Path, demande: argparse.Namespace) -> dict[str, Any]:
    genres = {"fautes": campagne, "pertes": coupures}
    return genres[genre].mener(nom, racine, demande.tirage, demande.graine)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("genre", choices=("fautes", "pertes"))
    arguments.add_argument("exercices", nargs="*", metavar="OPERATION")
    arguments.add_argument("--tirage", type=int)
    arguments.add_argument("--graine", type=int, default=0)
    demande = arguments.parse_args()
    noms = demande.exercices or [*EXERCICES]
    for nom in noms:
        debut = time.monotonic()
        with tempfile.TemporaryDirectory(dir=TAMPON) as racine:
            bilan = mener(demande.genre, nom, Path(racine), demande)
        dite = {"exercise": nom, **bilan, "seconds": round(time.monotonic() - debut, 1)}
        print(json.dumps(dite, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
