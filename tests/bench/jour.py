"""One command of `ctg` on another day: `python -m tests.bench.jour 2026-02-10 refresh …`.

Belongs here: the day that nights are counted by (`socle.horloge`), moved for a bench that lives a year. Does
not: instants written in journals and names of releases, which stay those of the machine.
"""

import sys
from datetime import date

from socle import horloge


def main(jour: str, *commande: str) -> None:
    """Run the command as if it were that day in Paris."""
    donne = date.fromisoformat(jour)
    # Before whatever takes the function by its name.
    horloge.aujourd_hui = lambda: donne
    from orchestration.cli import main as ctg

    ctg(commande, prog_name="ctg")


if __name__ == "__main__":
    main(*sys.argv[1:])
