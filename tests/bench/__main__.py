"""`make bench`, or `python -m tests.bench [section...]`: what the project's own code costs.

Beside the usual way of doing the same thing, as ratios of one run, or beside what is to be reached. Without
argument: nuits, arrondi, extrait, lectures. By their names alone: reception (the first table of extrait),
poids, of a release that is given, moteurs, which needs Spark's environment (`make spark`), annee and france,
which are long and need the producers' real files.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from tests.bench import annee, arrondi, extrait, france, lectures, moteurs, nuits, poids, reception

COURANTES = ("nuits", "arrondi", "extrait", "lectures")


def main() -> None:
    """Run the sections asked for and print their tables."""
    lire = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    lire.add_argument("sections", nargs="*", metavar="section")
    lire.add_argument("--fois", type=int, default=3, help="nuits: runs of each")
    lire.add_argument("--foyers", type=int, help="extrait, moteurs, annee: foyers of a month")
    lire.add_argument("--mois", type=int, default=12, help="annee: how many months are lived")
    lire.add_argument(
        "--lignes",
        type=int,
        default=1_080_000,
        help="extrait, reception: rows of a file (a country: 14700000)",
    )
    lire.add_argument(
        "--release",
        type=Path,
        help="lectures: this one, not that of a night made now; poids: of this one",
    )
    demande = lire.parse_args()
    toutes: dict[str, Callable[[], None]] = {
        "nuits": lambda: nuits.comparer(demande.fois),
        "arrondi": arrondi.comparer,
        "extrait": lambda: (
            reception.comparer(demande.lignes),
            extrait.comparer(demande.foyers or 13_600_000),
        )[-1],
        "reception": lambda: reception.comparer(demande.lignes),
        "lectures": lambda: lectures.comparer(demande.release),
        "poids": lambda: poids.comparer(demande.release),
        "moteurs": lambda: moteurs.comparer(demande.foyers or 300_000),
        "annee": lambda: annee.comparer(demande.foyers or 20_000, demande.mois),
        "france": france.comparer,
    }
    if inconnues := set(demande.sections) - toutes.keys():
        lire.error(f"no section {', '.join(sorted(inconnues))}: there are {', '.join(toutes)}")
    for section in demande.sections or COURANTES:
        toutes[section]()


if __name__ == "__main__":
    main()
