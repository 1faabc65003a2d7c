"""A release read a second time, drawn or whole: `python -m tests.seconde_lecture RELEASE REEL [--tout]`."""

import argparse
import sys
from pathlib import Path

from tests.seconde_lecture.controle import TIRAGES, Controle, tirer


def main() -> int:
    """Print what is judged and each wrong figure; 1 where there is one."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("release", type=Path, help="folder of a release")
    lecteur.add_argument("reel", type=Path, help="folder of the raw files")
    lecteur.add_argument("--graine", type=int, default=0, help="seed of the draw")
    lecteur.add_argument("--tout", action="store_true", help="every row that has a value")
    demande = lecteur.parse_args()
    controle = Controle(demande.release, demande.reel)
    faux = 0
    for table in TIRAGES:
        bilan = controle.juger(table, tirer(demande.release, table, demande.graine, tout=demande.tout))
        print(f"{table}: {bilan}", *bilan.faux, sep="\n")
        faux += len(bilan.faux)
    return int(faux > 0)


if __name__ == "__main__":
    sys.exit(main())
