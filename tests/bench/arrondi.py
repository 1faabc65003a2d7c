"""Rounding a country: an extract of 35 000 drawn communes, beside what is to be reached.

`python -m tests.bench.arrondi` is the process that is measured.
"""

import sys

from tests.bench.mesure import Ligne, afficher_couts, executer
from tests.confidentialite.tables import changer, tirer

DEPARTEMENTS, COMMUNES, EPCI = 96, 365, 13


def comparer() -> None:
    """Print what the first count of a month costs, and its revision, the drawing of the counts included."""
    couts = {
        quoi: executer([sys.executable, "-m", "tests.bench.arrondi", quoi], memoire=True)
        for quoi in ("tirage", "premier", "revision")
    }
    afficher_couts("Rounding a country", [Ligne(q, c, vise="≤ 30 s, ≤ 4 000 MB") for q, c in couts.items()])


def arrondir_un_pays(quoi: str) -> None:
    """Draw a country and round it; then, for a revision, some counts of each département that moved."""
    fichier = tirer("caf_extrait_allocataires", 1, DEPARTEMENTS, COMMUNES, EPCI)
    if quoi != "tirage":
        fait = fichier.arrondir()
        if quoi == "revision":
            changer(fichier, 1).arrondir(avant=fait)


if __name__ == "__main__":
    arrondir_un_pays(sys.argv[1])
