"""`make bench`, or `python -m tests.bench [section...]`: what the project's own code costs.

Beside the usual way of doing the same thing, as ratios of one run, or beside what is to be reached. Sections:
lecture, nuits, arrondi, extrait, portraits, lectures (all six without argument), reception (the
first table of extrait), poids, of a release that is given, moteurs, which needs Spark's environment (`make
spark`), annee and france, which are long and need the producers' real files.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    annee,
    arrondi,
    extrait,
    france,
    lecture,
    lectures,
    moteurs,
    nuits,
    poids,
    portraits,
    reception,
)

COURANTES = ("lecture", "nuits", "arrondi", "extrait", "portraits", "lectures")


def main() -> None:
    """Run the sections asked for and print their tables."""
    lire = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    lire.add_argument(
        "sections",
        nargs="*",
        metavar="section",
        help=f"{', '.join(COURANTES)}, reception, poids, moteurs, annee, france",
    )
    lire.add_argument("--fois", type=int, default=3, help="nuits, portraits: runs of each")
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
        help="portraits, lectures: this release (a night of the demonstration); poids: of this one",
    )
    arguments = lire.parse_args()
    toutes: dict[str, Callable[[], None]] = {
        "lecture": lecture.comparer,
        "nuits": lambda: nuits.comparer(arguments.fois),
        "arrondi": arrondi.comparer,
        "extrait": lambda: (
            reception.comparer(arguments.lignes),
            extrait.comparer(arguments.foyers or 13_600_000),
        )[-1],
        "reception": lambda: reception.comparer(arguments.lignes),
        "portraits": lambda: portraits.comparer(arguments.release, arguments.fois),
        "lectures": lambda: lectures.comparer(arguments.release),
        "poids": lambda: poids.comparer(arguments.release),
        "moteurs": lambda: moteurs.comparer(arguments.foyers or 300_000),
        "annee": lambda: annee.comparer(arguments.foyers or 20_000, arguments.mois),
        "france": france.comparer,
    }
    if inconnues := set(arguments.sections) - toutes.keys():
        lire.error(f"no section {', '.join(sorted(inconnues))}: there are {', '.join(toutes)}")
    for section in arguments.sections or COURANTES:
        toutes[section]()


if __name__ == "__main__":
    main()
