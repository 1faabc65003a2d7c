"""`make bench`, or `python -m tests.bench [section...]`: what the project's own code costs.

Beside the usual way of doing the same thing, as ratios of one run. Sections: lecture, nuits, secret, extrait;
all of them without argument.
"""

import argparse
from collections.abc import Callable

from tests.bench import extrait, lecture, nuits, secret


def main() -> None:
    """Run the sections asked for and print their tables."""
    lire = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    lire.add_argument("sections", nargs="*", metavar="section", help="lecture, nuits, secret, extrait")
    lire.add_argument("--france", action="store_true", help="secret: the whole country too (long)")
    lire.add_argument("--foyers", type=int, default=13_600_000, help="extrait: foyers of a month")
    arguments = lire.parse_args()
    mondes = (*secret.COURANTS, "France") if arguments.france else secret.COURANTS
    toutes: dict[str, Callable[[], None]] = {
        "lecture": lecture.comparer,
        "nuits": nuits.comparer,
        "secret": lambda: secret.comparer(mondes),
        "extrait": lambda: extrait.comparer(arguments.foyers),
    }
    if inconnues := set(arguments.sections) - toutes.keys():
        lire.error(f"no section {', '.join(sorted(inconnues))}: there are {', '.join(toutes)}")
    for section in arguments.sections or toutes:
        toutes[section]()


if __name__ == "__main__":
    main()
