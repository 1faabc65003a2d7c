"""The solver of secrecy says nothing on the terminal of a night."""

import subprocess
import sys

PROGRAMME = """
import numpy as np
from socle.solveur import Solveur
solveur = Solveur()
solveur.addVars(1, np.zeros(1), np.ones(1))
solveur.run()
"""


def test_the_solver_is_silent_from_its_construction_to_its_answer() -> None:
    """In a process of its own: HiGHS prints its licence once, with the first solver that is made."""
    dit = subprocess.run([sys.executable, "-c", PROGRAMME], capture_output=True, text=True, check=True)
    assert (dit.stdout, dit.stderr) == ("", "")
